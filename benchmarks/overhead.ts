/**
 * The cost of measuring: CPU of a page of 8 real peers that measures everything ÷ CPU of a page whose
 * callback only decodes. Both take turns in one browser, in alternating order, so that disturbances affect
 * both. With `--against FOLDER`: the cost beside another checkout.
 */
import { Command } from 'commander'
import type { Plugin } from 'esbuild'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startClientLab, type ClientLab } from '../e2e/support/client-page'
import { fail } from '../options/command'
import { whole } from '../options/flags'
import { flagsOf } from '../options/npm-dashes'
import { KernelFiles } from '../runner/machine/kernel-files'
import { cpuOf } from '../runner/machine/process-tree'
import { checkout } from './checkout'
import { compareWith, geometricMean } from './overhead-series'

const PEERS = 8
const SECONDS = 8
const PAIRS = 8

/** Replaces the peers' ledger and traffic counter with those of overhead-bare.ts. */
const bare: Plugin = {
  name: 'bare-measurement',
  setup(build) {
    build.onLoad({ filter: /client\/page\/mesh-peer\.ts$/ }, ({ path }) => ({
      contents:
        `import { BareLedger, BareTraffic } from '../../benchmarks/overhead-bare'\n` +
        readFileSync(path, 'utf8')
          .replace('new Ledger()', 'new BareLedger()')
          .replace('new Traffic(', 'new BareTraffic('),
      resolveDir: join(__dirname, '../client/page'),
      loader: 'ts'
    }))
  }
}

const { against, rounds } = flagsOf<{ against?: string; rounds: number }>(
  new Command('npx peer-perf bench overhead')
    .description('Measures what measuring costs: against a page that only decodes, or another checkout.')
    .option('--against <folder>', 'another checkout, in which "npm ci" was run', checkout)
    .option('--rounds <number>', 'with --against: pairs of runs for each setting', whole(1, 100), 6)
)

async function againstBareCallback(): Promise<void> {
  const lab = await startClientLab()
  try {
    const urls = { full: await lab.serveBuild({}), bare: await lab.serveBuild({ plugins: [bare] }) }
    const ratios: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const order = pair % 2 === 0 ? (['full', 'bare'] as const) : (['bare', 'full'] as const)
      const cpu = { full: 0, bare: 0 }
      for (const variant of order) cpu[variant] = await cpuOfRun(lab, urls[variant])
      ratios.push(cpu.full / cpu.bare)
      console.log(
        `pair ${pair + 1}: full ${cpu.full.toFixed(2)} ms, bare ${cpu.bare.toFixed(2)} ms per peer-second, ratio ${(cpu.full / cpu.bare).toFixed(3)}`
      )
    }
    console.log(
      `CPU of full measuring ÷ bare callback: ${geometricMean(ratios).toFixed(3)} (geometric mean of ${PAIRS} pairs; target ≤ 1.05)`
    )
  } finally {
    await lab.close()
  }
}

/**
 * CPU-ms of the page per peer-second while its routines run. In a full mesh, so that both variants have the
 * same traffic.
 */
async function cpuOfRun(lab: ClientLab, url: string): Promise<number> {
  const { page, statuses, ended } = await lab.open(
    { numberOfPeers: `${PEERS}`, mesh: 'full', testDuration: `${SECONDS}`, seed: '1' },
    { url }
  )
  for (let status = statuses.at(-1); status?.phase !== 'running'; status = statuses.at(-1)) {
    if (status?.phase === 'failed') throw new Error(`The page failed: ${status.error}`)
    await pause(50)
  }
  const before = await renderersCpuMs(lab)
  await pause((SECONDS - 1) * 1000)
  const used = (await renderersCpuMs(lab)) - before
  const last = await ended
  if (last.phase !== 'done' || last.messagesReceived < PEERS * (PEERS - 1) * 10 * (SECONDS - 1)) {
    throw new Error(`The mesh did not work: ${JSON.stringify(last)}`)
  }
  await page.close()
  return used / (PEERS * (SECONDS - 1))
}

/** CPU-ms used by the browser's renderers. All except the page's are blank and idle. */
async function renderersCpuMs(lab: ClientLab): Promise<number> {
  const session = await lab.browser.target().createCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  return cpuOf(renderers, new KernelFiles())
}

const work = against === undefined ? againstBareCallback() : compareWith(against, rounds)
work.catch(fail)
