/** Runners as tasks of the lab on AWS Fargate (deploy/aws): a node is whichever machine a task gets. */
import { setTimeout as sleep } from 'node:timers/promises'
import pRetry from 'p-retry'
import { UserError } from '../../cli/user-error'
import {
  aws,
  controlToken,
  DOMAIN,
  labOutputs,
  LIGHTHOUSE_PORT,
  openLab,
  RESULTS_PORT,
  SIZES,
  type LabOutputs
} from './aws-lab'
import { markOf, type Engine, type Exit, type Job, type Node, type OwnServers, type Runners } from './engine'

const LOOK_EVERY_MS = 5_000
/** Over half a minute: AWS may throttle, and the network may fail for a moment. */
const RETRIES = 5
/** Most tasks of one `ecs describe-tasks` call. */
const DESCRIBED = 100

interface Task {
  taskArn: string
  lastStatus: string
  stoppedReason?: string
  containers: { exitCode?: number; reason?: string }[]
}

export class AwsEngine implements Engine {
  readonly named = []
  private outputs: Promise<LabOutputs> | undefined

  constructor(private readonly tasks: number) {}

  async servers(): Promise<OwnServers> {
    const outputs = await this.lab()
    return {
      token: await controlToken(outputs),
      ...(await openLab(outputs)),
      resultsServerUrl: `http://results.${DOMAIN}:${RESULTS_PORT}`,
      lighthouseUrl: `http://lighthouse.${DOMAIN}:${LIGHTHOUSE_PORT}`
    }
  }

  async nodes(): Promise<Node[]> {
    await this.lab()
    const cores = SIZES.client.cpu / 1024
    return Array.from({ length: this.tasks }, (_, index) => ({ name: `task-${index + 1}`, cores }))
  }

  async start(id: string, jobs: readonly Job[]): Promise<Runners> {
    const outputs = await this.lab()
    const tasks = new Map<string, string>()
    // One that does not answer keeps none of the others running.
    const stop = async () => {
      const cluster = ['--cluster', outputs.ClusterName]
      // AWS may have accepted a task although the command that started it failed.
      const { taskArns } = await aws<{ taskArns: string[] }>(
        ...['ecs', 'list-tasks', ...cluster, '--started-by', markOf(id)]
      ).catch(() => ({ taskArns: [] }))
      const stopping = [...new Set([...tasks.values(), ...taskArns])].map((arn) =>
        aws('ecs', 'stop-task', ...cluster, '--task', arn)
      )
      await Promise.allSettled(stopping)
    }
    try {
      for (const job of jobs) tasks.set(job.node, await startTask(outputs, id, job))
    } catch (error) {
      await stop()
      throw error
    }
    const stopped = untilStopped(outputs, [...tasks.values()])
    return {
      exits: jobs.map(({ node }) =>
        stopped.then(
          (ends) => exitOf(node, ends.get(tasks.get(node)!)),
          // AWS says nothing of them any more.
          (error: unknown): Exit => ({ node, code: null, lost: (error as Error).message })
        )
      ),
      logs: async (node) => {
        const stream = `client/client/${tasks.get(node)!.split('/').at(-1)!}`
        const found = await aws<{ events: { message: string }[] }>(
          ...['logs', 'get-log-events', '--log-group-name', outputs.LogGroup],
          ...['--log-stream-name', stream, '--limit', '20']
        )
        return found.events.map(({ message }) => message).join('\n')
      },
      stop
    }
  }

  private lab(): Promise<LabOutputs> {
    return (this.outputs ??= labOutputs())
  }
}

/** The task's ARN. Throws UserError if there is no room for it. */
async function startTask(outputs: LabOutputs, id: string, { variables, cores }: Job): Promise<string> {
  if (cores !== undefined)
    throw new UserError('--cpus is for machines that runners share: a task has its own cores')
  const environment = Object.entries(variables).map(([name, value]) => ({ name, value }))
  const network = {
    subnets: outputs.Subnets.split(','),
    securityGroups: [outputs.ClientSecurityGroup],
    // Needed to pull the image. Nothing outside can connect.
    assignPublicIp: 'ENABLED'
  }
  const { tasks, failures } = await aws<{ tasks: Task[]; failures: { reason: string }[] }>(
    ...['ecs', 'run-task', '--cluster', outputs.ClusterName, '--launch-type', 'FARGATE'],
    ...['--task-definition', outputs.ClientTaskDefinition, '--count', '1'],
    ...['--network-configuration', JSON.stringify({ awsvpcConfiguration: network })],
    ...['--overrides', JSON.stringify({ containerOverrides: [{ name: 'client', environment }] })],
    ...['--started-by', markOf(id)]
  )
  if (tasks[0] === undefined)
    throw new UserError(
      `AWS could not start a task (${failures[0]?.reason ?? 'no reason given'}): try again, or take fewer`
    )
  return tasks[0].taskArn
}

/** Resolves once the first task has stopped or all have: a test without one of its runners is over. */
async function untilStopped(
  { ClusterName }: LabOutputs,
  arns: readonly string[]
): Promise<Map<string, Task>> {
  const describeAll = async () => {
    const tasks: Task[] = []
    for (let from = 0; from < arns.length; from += DESCRIBED) {
      const some = ['--tasks', ...arns.slice(from, from + DESCRIBED)]
      const found = await aws<{ tasks: Task[] }>('ecs', 'describe-tasks', '--cluster', ClusterName, ...some)
      tasks.push(...found.tasks)
    }
    return tasks
  }
  for (;;) {
    const tasks = await pRetry(describeAll, { retries: RETRIES })
    const stopped = tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED')
    const isBroken = stopped.some(({ containers }) => containers.some(({ exitCode }) => exitCode !== 0))
    if (stopped.length === arns.length || isBroken)
      return new Map(stopped.map((task) => [task.taskArn, task]))
    await sleep(LOOK_EVERY_MS)
  }
}

/** Without an exit code, the container never ran, or its machine was taken. */
function exitOf(node: string, task: Task | undefined): Promise<Exit> | Exit {
  // It still runs, and is stopped with the others.
  if (task === undefined) return new Promise(() => undefined)
  const { exitCode = null, reason = task.stoppedReason ?? 'it has no exit code' } = task.containers[0] ?? {}
  return { node, code: exitCode, ...(exitCode === null && { lost: reason }) }
}
