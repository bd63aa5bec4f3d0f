/**
 * `npx peer-perf cloud up|run|results|down`: the lab on AWS Fargate (docs/deploying.md).
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { exitCodeOf } from '../../options/exit-code'
import { ResultsClient } from '../../protocol/api-client'
import { CloudError, controlToken, labOutputs, openTunnel } from './aws-cli'
import { clientsState, startClients, stopClients, type ClientsState } from './client-tasks'
import { downloadResults, type ResultsSource } from '../../lab/fleet/download'
import { STANDING_COST_PER_HOUR, testCost } from './sizes'

const REPOSITORY = resolve(__dirname, '../..')
const POLL_MS = 5_000
/** A task whose container has not started by then has found no capacity or no image. */
const READY_WITHIN_MS = 10 * 60_000

const program = new Command()
  .configureHelp({ commandUsage: (command) => `npx peer-perf cloud ${command.name()} ${command.usage()}` })
  .description('The lab on AWS Fargate: up, run tests, fetch results, down.')
  .showHelpAfterError()

program
  .command('up')
  .description('builds the images and creates the lab, or updates it')
  .option('--peer-library <name@version>', 'another peer library for the clients')
  .action(({ peerLibrary }: { peerLibrary?: string }) => {
    console.log(
      `The lab costs about $${STANDING_COST_PER_HOUR.toFixed(2)} an hour until cloud down (us-east-1).`
    )
    cdk('deploy', ...(peerLibrary === undefined ? [] : ['--context', `peerLibrary=${peerLibrary}`]))
    console.log(
      'The lab is up. Next: npx peer-perf cloud run --tasks 10 --peers-per-task 4 --env MESSAGE_TYPES=deduplicated'
    )
  })

program
  .command('run')
  .description('runs one test; exit code 0 good, 1 failed, 2 threshold missed, 3 void')
  .requiredOption('--tasks <number>', 'client tasks', whole)
  .requiredOption('--peers-per-task <number>', 'peers in each', whole)
  .option('--peers-per-tab <number>', 'peers in one browser tab', whole, 10)
  .option('--duration <seconds>', 'how long the peers run their routines', whole, 180)
  .option('--test-id <id>', 'name of the test', `aws-${Date.now().toString(36)}`)
  .option('--threshold <expression...>', "such as 'delivery.position>=0.99'")
  .option('--env <NAME=value...>', 'variables for the clients, such as ROUTINE=loops:8')
  .option('--out <folder>', 'where the results go', 'results')
  .action(runTest)

program
  .command('results')
  .description('downloads the results of all finished tests')
  .option('--out <folder>', 'where they go', 'results')
  .action(({ out }: { out: string }) => fetchResults(out))

program
  .command('down')
  .description('downloads the results, then removes everything')
  .option('--out <folder>', 'where the results go', 'results')
  .option('--discard', 'remove everything without downloading the results')
  .action(async ({ out, discard }: { out: string; discard?: true }) => {
    if (!discard) await fetchResults(out)
    cdk('destroy', '--force')
    console.log('The lab and everything that costs money have been removed.')
  })

/** The results server, as reachable from this machine. */
interface Server {
  source: ResultsSource
  client: ResultsClient
}

interface RunFlags {
  tasks: number
  peersPerTask: number
  peersPerTab: number
  duration: number
  testId: string
  threshold?: string[]
  env?: string[]
  out: string
}

async function runTest(flags: RunFlags): Promise<void> {
  const { tasks, peersPerTask, peersPerTab, duration, testId, threshold = [], env = [], out } = flags
  const outputs = labOutputs()
  const environment = variables(env)
  console.log(
    `${tasks} tasks × ${peersPerTask} peers for ${duration} s: about $${testCost(tasks, duration).toFixed(2)}.`
  )

  await withResultsServer(async (server) => {
    await server.client.createTest(testId, {
      expectedPeers: tasks * peersPerTask,
      duration,
      thresholds: threshold
    })
    console.log(`Test ${testId}: ${server.source.url} shows it live while this command runs.`)
    const arns = startClients(outputs, { testId, tasks, peersPerTask, peersPerTab, environment })
    const stopAll = () => {
      console.log('Stopping the client tasks …')
      stopClients(outputs, arns)
    }
    process.once('SIGINT', stopAll)
    const clients = await followTest(server, testId, duration, () => clientsState(outputs, arns))
    process.removeListener('SIGINT', stopAll)
    if (clients.running > 0) stopClients(outputs, arns)
    for (const line of clients.failed) console.error(`  ${line} (logs: aws logs tail ${outputs.LogGroup})`)
    await report(server, testId, out, clients.failed.length > 0)
  })
}

/** Prints changes until the test is finished, or until no client is left that could finish it. */
async function followTest(
  server: Server,
  testId: string,
  duration: number,
  look: () => ClientsState
): Promise<ClientsState> {
  let shown = ''
  let deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const [state, clients] = [await server.client.getTest(testId), look()]
    const line = `${state.state}: ${state.peers.ready} of ${state.expectedPeers ?? '?'} peers ready, ${state.peers.done} done; ${clients.running} tasks`
    if (line !== shown) console.log((shown = line))
    if (state.startsAt !== undefined) deadline = Math.max(deadline, state.startsAt + (duration + 120) * 1000)
    if (state.state === 'finished') return clients
    if (clients.running === 0 || Date.now() > deadline) {
      await server.client.finishTest(testId)
      return clients
    }
    await delay(POLL_MS)
  }
}

async function report(server: Server, testId: string, out: string, failed: boolean): Promise<void> {
  const summary = await server.client.getSummary(testId)
  console.log(`Results: ${await downloadResults(server.source, testId, resolve(REPOSITORY, out))}`)
  console.log(`Validity: ${summary.verdict}`)
  for (const { what, subject, advice } of summary.reasons)
    console.log(`  ${subject ?? testId}: ${what}. ${advice}`)
  const missed = summary.thresholds.filter(({ passed }) => !passed)
  for (const { expression, value } of missed) console.log(`  missed: ${expression} (${value ?? 'unknown'})`)
  process.exitCode = exitCodeOf({ failed, summary })
}

async function fetchResults(out: string): Promise<void> {
  await withResultsServer(async (server) => {
    const finished = (await server.client.listTests()).filter(({ state }) => state === 'finished')
    for (const { id } of finished)
      console.log(await downloadResults(server.source, id, resolve(REPOSITORY, out)))
    console.log(`${finished.length} finished tests fetched.`)
  })
}

async function withResultsServer(use: (server: Server) => Promise<void>): Promise<void> {
  const outputs = labOutputs()
  const token = controlToken(outputs)
  const tunnel = await openTunnel(outputs)
  try {
    const source = { url: tunnel.url, token }
    await use({ source, client: new ResultsClient(source) })
  } finally {
    tunnel.close()
  }
}

function cdk(...args: string[]): void {
  const { status, error } = spawnSync('cdk', args, { cwd: __dirname, stdio: 'inherit' })
  if (error)
    throw new CloudError('The CDK was not found: run this by `npx peer-perf cloud up` from the repository.')
  if (status !== 0) throw new CloudError(`cdk ${args[0] ?? ''} failed; its message is above.`)
}

function variables(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Z_]+)=(.*)$/s.exec(pair) ?? []
      if (name === undefined) throw new CloudError(`--env "${pair}" must look like ROUTINE=loops:8.`)
      return [name, value]
    })
  ) as Record<string, string>
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof CloudError ? error.message : error)
  process.exitCode = 1
})
