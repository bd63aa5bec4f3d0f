/**
 * The lab on AWS (deploy/aws), through AWS's command line: it knows the user's profiles, regions and sign-on,
 * and opens a tunnel, which no SDK can.
 */
import { UserError } from '../../cli/user-error'
import { askTool } from './tool'
import { openTunnel } from './tunnels'

export const STACK_NAME = 'CatalystPeerLab'
export const DOMAIN = 'lab.internal'
export const RESULTS_PORT = 9904
export const LIGHTHOUSE_PORT = 9000

/** CPU in Fargate units (1024 is one vCPU) and memory in MiB: combinations that Fargate offers. */
export const SIZES = {
  /** One core handles the data points of a few thousand peers (docs/calibration.md). */
  resultsServer: { cpu: 1024, memoryMiB: 4096 },
  lighthouse: { cpu: 512, memoryMiB: 1024 },
  /** Room to spare: a task that runs short of CPU makes the test void. */
  client: { cpu: 2048, memoryMiB: 4096 }
} as const

export type TaskSize = (typeof SIZES)[keyof typeof SIZES]

/** US dollars per hour, us-east-1, x86: https://aws.amazon.com/fargate/pricing/ and …/vpc/pricing/ (IPv4). */
const PRICES = { vCpu: 0.04048, gigabyte: 0.004445, publicAddress: 0.005 }

/** US dollars per hour for one task. */
const costPerHour = ({ cpu, memoryMiB }: TaskSize) =>
  (cpu / 1024) * PRICES.vCpu + (memoryMiB / 1024) * PRICES.gigabyte + PRICES.publicAddress

/** US dollars per hour while the lab exists, with or without tests. */
export const STANDING_COST_PER_HOUR = costPerHour(SIZES.resultsServer) + costPerHour(SIZES.lighthouse)

/** US dollars, billed by the second: two minutes to pull the image and form the mesh, three of the test. */
export const EXAMPLE_COST = (25 * costPerHour(SIZES.client) * 300) / 3600

/** The answer of `aws ARGS`. Throws UserError with its message, after which newer versions add details. */
export async function aws<T>(...args: string[]): Promise<T> {
  const env = { AWS_CLI_ERROR_FORMAT: 'legacy' }
  const output = await askTool('aws', [...args, '--output', 'json'], { env })
  return (output === '' ? {} : JSON.parse(output)) as T
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

/** The stack's outputs. Throws UserError if the lab is not up. */
export async function labOutputs(): Promise<LabOutputs> {
  const stack = ['--stack-name', STACK_NAME]
  const { Stacks } = await aws<{
    Stacks: [{ StackStatus: string; Outputs?: Record<'OutputKey' | 'OutputValue', string>[] }]
  }>('cloudformation', 'describe-stacks', ...stack).catch((error: unknown) => {
    if (!(error instanceof UserError && error.message.includes('does not exist'))) throw error
    throw new UserError('The lab is not up: start it with `npx peer-perf cloud up`.')
  })
  const [{ StackStatus, Outputs }] = Stacks
  // Absent until it is whole.
  if (Outputs === undefined)
    throw new UserError(
      `The lab is not up (${StackStatus}): wait for \`npx peer-perf cloud up\` to end, or remove it by \`npx peer-perf cloud down --discard\`.`
    )
  const outputs = Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue] as const)
  return Object.fromEntries(outputs) as unknown as LabOutputs
}

export async function controlToken({ ControlTokenSecret }: LabOutputs): Promise<string> {
  const secret = ['get-secret-value', '--secret-id', ControlTokenSecret]
  const { SecretString } = await aws<{ SecretString: string }>('secretsmanager', ...secret)
  return SecretString
}

/** Encrypted, through Session Manager. */
export function openLab(outputs: LabOutputs): ReturnType<typeof openTunnel> {
  const argsFor = async (port: number) => [
    ...['ssm', 'start-session', '--target', await resultsServerTarget(outputs)],
    ...['--document-name', 'AWS-StartPortForwardingSession', '--parameters'],
    JSON.stringify({ portNumber: [String(RESULTS_PORT)], localPortNumber: [String(port)] })
  ]
  const advice =
    'Is the Session Manager plugin installed?\n' +
    '  https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html'
  return openTunnel('aws', argsFor, advice)
}

async function resultsServerTarget({ ClusterName, ResultsServiceName }: LabOutputs): Promise<string> {
  const { taskArns } = await aws<{ taskArns: string[] }>(
    ...['ecs', 'list-tasks', '--cluster', ClusterName, '--service-name', ResultsServiceName]
  )
  const [taskArn] = taskArns
  if (taskArn === undefined)
    throw new UserError('The results server has no running task: see its events in the ECS console.')
  const { tasks } = await aws<{ tasks: { containers: { name: string; runtimeId?: string }[] }[] }>(
    ...['ecs', 'describe-tasks', '--cluster', ClusterName, '--tasks', taskArn]
  )
  const runtimeId = tasks[0]?.containers.find(({ name }) => name === 'results-server')?.runtimeId
  if (runtimeId === undefined)
    throw new UserError('The results server is still starting: try again in a minute.')
  return `ecs:${ClusterName}_${taskArn.split('/').at(-1) ?? ''}_${runtimeId}`
}
