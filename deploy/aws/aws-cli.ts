/**
 * Calls AWS through its command line, which knows the user's profiles, regions and sign-on, and can open a
 * tunnel that no SDK can.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { RESULTS_PORT, STACK_NAME } from './lab-stack'

const TUNNEL_OPENS_WITHIN_MS = 30_000

/** An error that the user can fix. Its message is all they need to see. */
export class CloudError extends Error {}

/**
 * Returns the answer of `aws ARGS`. Throws CloudError with the command's own message, or with what to
 * install.
 */
// The caller knows the shape of each answer.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function aws<T>(...args: string[]): T {
  const { status, stdout, stderr, error } = spawnSync('aws', [...args, '--output', 'json'], {
    encoding: 'utf8'
  })
  if (error) {
    throw new CloudError(
      'The AWS command line was not found: install it (https://aws.amazon.com/cli/) and run `aws configure`.'
    )
  }
  if (status !== 0) throw new CloudError(`aws ${args.slice(0, 2).join(' ')}: ${stderr.trim()}`)
  return (stdout.trim() === '' ? {} : JSON.parse(stdout)) as T
}

export interface LabOutputs {
  ClusterName: string
  ResultsServiceName: string
  ClientTaskDefinition: string
  ClientSecurityGroup: string
  Subnets: string
  ControlTokenSecret: string
  LogGroup: string
}

/** The stack's outputs. Throws CloudError if the lab is not up. */
export function labOutputs(): LabOutputs {
  try {
    const { Stacks } = aws<{ Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[] }>(
      'cloudformation',
      'describe-stacks',
      '--stack-name',
      STACK_NAME
    )
    const outputs = Stacks[0]?.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue] as const)
    return Object.fromEntries(outputs ?? []) as unknown as LabOutputs
  } catch (error) {
    if (error instanceof CloudError && error.message.includes('does not exist')) {
      throw new CloudError('The lab is not up: start it with `npx peer-perf cloud up`.')
    }
    throw error
  }
}

export function controlToken({ ControlTokenSecret }: LabOutputs): string {
  return aws<{ SecretString: string }>(
    'secretsmanager',
    'get-secret-value',
    '--secret-id',
    ControlTokenSecret
  ).SecretString
}

export interface Tunnel {
  /** Where the results server is reachable from this machine. */
  url: string
  close(): void
}

/** Forwards a free local port to the results server, encrypted, through Session Manager. */
export async function openTunnel(outputs: LabOutputs): Promise<Tunnel> {
  const port = await freePort()
  const session = spawn(
    'aws',
    [
      ...['ssm', 'start-session', '--target', resultsServerTarget(outputs)],
      ...['--document-name', 'AWS-StartPortForwardingSession'],
      ...[
        '--parameters',
        JSON.stringify({ portNumber: [String(RESULTS_PORT)], localPortNumber: [String(port)] })
      ]
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  )
  const url = `http://localhost:${port}`
  await untilAnswers(session, url)
  return { url, close: () => session.kill() }
}

function resultsServerTarget({ ClusterName, ResultsServiceName }: LabOutputs): string {
  const { taskArns } = aws<{ taskArns: string[] }>(
    ...['ecs', 'list-tasks', '--cluster', ClusterName, '--service-name', ResultsServiceName]
  )
  const [taskArn] = taskArns
  if (taskArn === undefined)
    throw new CloudError('The results server has no running task: see its events in the ECS console.')
  const { tasks } = aws<{ tasks: { containers: { name: string; runtimeId?: string }[] }[] }>(
    ...['ecs', 'describe-tasks', '--cluster', ClusterName, '--tasks', taskArn]
  )
  const runtimeId = tasks[0]?.containers.find(({ name }) => name === 'results-server')?.runtimeId
  if (runtimeId === undefined)
    throw new CloudError('The results server is still starting: try again in a minute.')
  return `ecs:${ClusterName}_${taskArn.split('/').at(-1) ?? ''}_${runtimeId}`
}

async function untilAnswers(session: ChildProcess, url: string): Promise<void> {
  let complaint = ''
  session.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const deadline = Date.now() + TUNNEL_OPENS_WITHIN_MS
  while (Date.now() < deadline && session.exitCode === null) {
    const answered = await fetch(`${url}/status`).then(
      ({ ok }) => ok,
      () => false
    )
    if (answered) return
    await delay(250)
  }
  session.kill()
  throw new CloudError(
    'No tunnel to the results server. Is the Session Manager plugin installed?\n' +
      '  https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html\n' +
      complaint.trim()
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
