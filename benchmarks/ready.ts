/**
 * `npm run bench:ready -- --before FOLDER`: how long a page of peers takes from navigation until all are
 * ready, and whether equal seeds still give equal meshes. FOLDER is the built page of another commit (`npx
 * ts-node client/build/bundle.ts --out FOLDER`). The pages take turns; each run has its own browser and
 * Lighthouse.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { runCommand } from '../cli/command'
import { buildPage } from '../client/build/bundle'
import { servePage } from '../client/build/static-server'
import { startLighthouse } from '../lighthouse/app'
import { textsFor } from '../options/surface'
import { ResultsClient } from '../protocol/api-client'
import { pageAddress, type PageStatus } from '../protocol/page'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import { startResultsServer } from '../server/app'
import { median } from './median'

interface Run {
  /** ms from navigation until all peers were ready. */
  ready: number
  /** The mesh's links as one string, by the peers' numbers. */
  links: string
}

const program = new Command('npm run bench:ready --')
  .description('Measures how long the peers of a page take to be ready.')
  .addOption(new Option('--peers <number>', 'peers in the page').argParser(whole(2, 50)).default(10))
  .addOption(new Option('--runs <number>', 'runs of each page').argParser(whole(1, 100)).default(10))
  .option('--before <folder>', 'the built page of another commit, to compare with', builtPage)

const silent = () => undefined

function builtPage(folder: string): string {
  if (existsSync(join(folder, 'index.html'))) return folder
  throw new InvalidArgumentError('It must be a built page: npx ts-node client/build/bundle.ts --out FOLDER')
}

runCommand(async () => {
  const flags = refuseSwallowedFlags(program).parse().opts<{ peers: number; runs: number; before?: string }>()
  const folder = await mkdtemp(join(tmpdir(), 'bench-ready-'))
  await buildPage({ outDir: join(folder, 'page') })
  const pages = new Map([['this commit', await servePage(join(folder, 'page'))]])
  if (flags.before !== undefined) pages.set('before', await servePage(flags.before))
  const results = new Map<string, Run[]>([...pages.keys()].map((name) => [name, []]))
  const server = await startResultsServer({ port: 0, folder: join(folder, 'results') })
  const executable = await obtainBrowser(silent)
  try {
    for (let index = 0; index < flags.runs; index++) {
      // Forwards, then backwards: this way, a drift of the machine favours no page.
      const turn = index % 2 === 0 ? [...pages] : [...pages].toReversed()
      for (const [name, { url }] of turn)
        results.get(name)!.push(await measure(url, server.url, flags.peers, executable))
    }
  } finally {
    for (const page of pages.values()) await page.close()
    await server.close()
    await rm(folder, { recursive: true })
  }
  for (const [name, runs] of results) console.log(`${name}: ${describe(runs)}`)
  return 0
})

async function measure(
  clientUrl: string,
  resultsServerUrl: string,
  peers: number,
  executable: string
): Promise<Run> {
  const lighthouse = await startLighthouse({ port: 0 })
  const browser = await launchBrowser(executable, new URL(clientUrl).origin, silent)
  try {
    const client = new ResultsClient({ url: resultsServerUrl })
    const { id } = await client.createTest(undefined, {
      expectedPeers: peers,
      duration: 1,
      warmup: 0.2,
      seed: 7
    })
    const page = await browser.newPage()
    let readyAt = 0
    const done = new Promise<void>((resolve, reject) => {
      page
        .exposeFunction('reportToRunner', ({ phase, error }: PageStatus) => {
          if (phase === 'ready') readyAt ||= performance.now()
          if (phase === 'done') resolve()
          if (phase === 'failed') reject(new Error(error))
        })
        .catch(reject)
    })
    const parameters = textsFor('page', {
      testId: id,
      resultsServerUrl,
      lighthouseUrl: lighthouse.url,
      numberOfPeers: peers,
      firstPeerNumber: 0,
      statsSubmitInterval: 500
    })
    const navigated = performance.now()
    await page.goto(pageAddress(clientUrl, parameters))
    await done
    const { summary } = await client.finishTest(id)
    return { ready: readyAt - navigated, links: JSON.stringify(summary!.provenance.edges) }
  } finally {
    await browser.close()
    await lighthouse.close()
  }
}

function describe(runs: Run[]): string {
  const times = runs.map(({ ready }) => ready)
  const alike = Math.max(...runs.map(({ links }) => runs.filter((other) => other.links === links).length))
  const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`
  return `ready after ${median(times).toFixed(0)} ms (${range}), ${alike} of ${runs.length} meshes equal`
}
