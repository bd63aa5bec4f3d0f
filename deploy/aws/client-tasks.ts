/** The client tasks of one test: starts them in batches, watches and stops them. */
import { aws, CloudError, type LabOutputs } from './aws-cli'

/** Maximum number of tasks that one `ecs run-task` or `ecs describe-tasks` call accepts. */
const RUN_BATCH = 10
const DESCRIBE_BATCH = 100

export interface ClientRun {
  testId: string
  tasks: number
  peersPerTask: number
  peersPerTab: number
  /** Additional variables for the client container (docs/deploying.md). */
  environment: Record<string, string>
}

interface Task {
  taskArn: string
  lastStatus: string
  stoppedReason?: string
  containers: { exitCode?: number; reason?: string }[]
}

/**
 * Starts the tasks and returns their ARNs. If AWS has no capacity for all of them, stops those that started
 * and throws CloudError.
 */
export function startClients(outputs: LabOutputs, run: ClientRun): string[] {
  const started: string[] = []
  for (const count of batches(run.tasks, RUN_BATCH)) {
    const { tasks, failures } = aws<{ tasks: Task[]; failures: { reason: string }[] }>(
      ...['ecs', 'run-task', '--cluster', outputs.ClusterName, '--launch-type', 'FARGATE'],
      ...['--task-definition', outputs.ClientTaskDefinition, '--count', String(count)],
      ...['--network-configuration', JSON.stringify(network(outputs))],
      ...['--overrides', JSON.stringify(overrides(run))],
      ...['--started-by', run.testId.slice(0, 36)]
    )
    started.push(...tasks.map(({ taskArn }) => taskArn))
    if (failures.length > 0) {
      stopClients(outputs, started)
      const reasons = [...new Set(failures.map(({ reason }) => reason))].join(', ')
      throw new CloudError(
        `Only ${started.length} of ${run.tasks} tasks could be started (${reasons}); stopped them again.`
      )
    }
  }
  return started
}

export interface ClientsState {
  running: number
  /** One line per task that exited with a code other than 0. */
  failed: string[]
}

export function clientsState(outputs: LabOutputs, arns: string[]): ClientsState {
  const tasks = chunks(arns, DESCRIBE_BATCH).flatMap(
    (some) =>
      aws<{ tasks: Task[] }>('ecs', 'describe-tasks', '--cluster', outputs.ClusterName, '--tasks', ...some)
        .tasks
  )
  const stopped = tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED')
  const failed = stopped.filter(({ containers }) => containers.some(({ exitCode }) => exitCode !== 0))
  return {
    running: tasks.length - stopped.length,
    failed: failed.map(({ taskArn, containers, stoppedReason }) => {
      const { exitCode, reason } = containers[0] ?? {}
      return `${taskArn.split('/').at(-1) ?? taskArn}: exit code ${exitCode ?? 'none'}, ${reason ?? stoppedReason ?? 'no reason given'}`
    })
  }
}

export function stopClients({ ClusterName }: LabOutputs, arns: string[]): void {
  for (const arn of arns) aws('ecs', 'stop-task', '--cluster', ClusterName, '--task', arn)
}

function network({ Subnets, ClientSecurityGroup }: LabOutputs) {
  return {
    awsvpcConfiguration: {
      subnets: Subnets.split(','),
      securityGroups: [ClientSecurityGroup],
      // Needed to pull the image. Nothing outside can connect.
      assignPublicIp: 'ENABLED'
    }
  }
}

function overrides({ testId, peersPerTask, peersPerTab, environment }: ClientRun) {
  const variables = {
    ...environment,
    TEST_ID: testId,
    PEERS_COUNT: String(peersPerTask),
    PEERS_PER_TAB: String(peersPerTab)
  }
  return {
    containerOverrides: [
      { name: 'client', environment: Object.entries(variables).map(([name, value]) => ({ name, value })) }
    ]
  }
}

/** Sizes of the batches that add up to `total`. */
export function batches(total: number, size: number): number[] {
  return chunks(Array.from({ length: total }), size).map(({ length }) => length)
}

function chunks<T>(values: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size)
  )
}
