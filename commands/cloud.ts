/** The lab on AWS Fargate (docs/deploying.md). */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { ResultsClient } from '../protocol/api-client'
import type { TestEntry } from '../protocol/test-life'
import {
  controlToken,
  EXAMPLE_COST,
  labOutputs,
  openLab,
  STANDING_COST_PER_HOUR
} from '../deploy/runners/aws-lab'
import { fail } from '../cli/command'
import { UserError } from '../cli/user-error'
import { downloadResults } from '../orchestration/fleet/download'

const REPOSITORY = resolve(__dirname, '..')

const program = new Command('npx peer-perf cloud')
  .description(
    'The lab on AWS Fargate: up, fetch results, down. Tests run by npx peer-perf run --on aws:TASKS.'
  )
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
      `The lab is up. Next: npx peer-perf run --on aws:25 --peers 100 --mesh full (for three minutes: about $${EXAMPLE_COST.toFixed(2)})`
    )
  })

program
  .command('results')
  .description('downloads the results of all finished tests')
  .option('--out <folder>', 'where they go', 'results')
  .action(({ out }: { out: string }) => fetchResults(out))

program
  .command('down')
  .description('downloads the results, then removes everything; refuses while a test is unfinished')
  .option('--out <folder>', 'where the results go', 'results')
  .option('--discard', 'remove everything without downloading the results, unfinished tests too')
  .action(async ({ out, discard }: { out: string; discard?: true }) => {
    if (!discard) await fetchResults(out, refuseUnfinished)
    cdk('destroy', '--force')
    console.log('The lab and everything that costs money have been removed.')
  })

async function fetchResults(out: string, check?: (tests: readonly TestEntry[]) => void): Promise<void> {
  const outputs = await labOutputs()
  const token = await controlToken(outputs)
  const tunnel = await openLab(outputs)
  try {
    const source = { url: tunnel.url, token }
    const tests = await new ResultsClient(source).listTests()
    check?.(tests)
    const finished = tests.filter(({ state }) => state === 'finished')
    for (const { id } of finished) console.log(await downloadResults(source, id, resolve(out)))
    console.log(`${finished.length} finished tests fetched.`)
  } finally {
    await tunnel.close()
  }
}

/** What they have recorded would go with the lab. */
function refuseUnfinished(tests: readonly TestEntry[]): void {
  const unfinished = tests.find(
    ({ state, peers }) => state === 'running' || (state === 'created' && peers.ready > 0)
  )
  if (unfinished === undefined) return
  const { id, state, peers } = unfinished
  const what = state === 'running' ? 'is running' : `has ${peers.ready} peers ready`
  throw new UserError(`Test ${id} ${what}: wait for its end, or run cloud results, then cloud down --discard`)
}

/** The stack is a package of its own, so that nobody else installs the CDK. */
function cdk(...args: string[]): void {
  const setup = join(REPOSITORY, 'tools/with-setup.sh')
  const { status } = spawnSync('sh', [setup, '-C', 'deploy/aws', 'cdk', ...args], { stdio: 'inherit' })
  if (status !== 0) throw new UserError(`cdk ${args[0] ?? ''} failed; its message is above.`)
}

// A signal does not reach the tunnel: the end of this process closes it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

// Without arguments it shows its help, which is no mistake.
program.parseAsync(process.argv.length > 2 ? process.argv : [...process.argv, '--help']).catch(fail)
