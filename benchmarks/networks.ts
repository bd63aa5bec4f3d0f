/**
 * `peer-perf bench networks`: does a network do what its text says? Measures delay, loss, rate, jitter and
 * bursts of loss in the three engines: between two connections of a page in a real browser, through the
 * relay, and in the simulation. Also checks outages, and that requests to the results server are unaffected.
 * Exits with 1 if a figure is out of range. Arguments select the engines that they name, and the networks
 * that contain one of them: `peer-perf bench networks relay simulation jitter`.
 */
import Table from 'cli-table3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'puppeteer'
import { openProbe, type Probe } from '../e2e/support/link-probe'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import { datagramsBefore } from '../runner/loss-draws'
import { startResultsServer } from '../server/app'
import { median } from '../analysis/statistics/median'
import { captureRelay, captureSimulation, type Capture, type Load } from './networks-capture'

const ENGINES = ['browser', 'relay', 'simulation'] as const
type Engine = (typeof ENGINES)[number]

interface Row {
  engine: Engine
  network: string
  what: string
  measured: number
  /** Smallest and largest acceptable value. */
  from: number
  to: number
  unit: string
}

type Figures = Omit<Row, 'engine'>

const DELAYS_MS = [10, 40, 150]
const LOSSES_PERCENT = [0.5, 2, 5]
/** Gives a standard error of 0.2 percentage points at 5 %. */
const LOSS_MESSAGES = 10_000
const RATE_MBIT = 2
/** For the overlap of two runs: no delay, so that a lost message is one lost datagram (docs/networks.md). */
const LOSSY = 'loss=5%'
const OVERLAP_MESSAGES = 6_000
/** Other datagrams, such as acknowledgements, shift the sequences of two runs against each other. */
const MOST_SHIFTED = 60

async function main(): Promise<void> {
  const rows = [
    ...(isEngineWanted('simulation') ? await captured('simulation', captureSimulation) : []),
    ...(isEngineWanted('relay') ? await captured('relay', captureRelay) : []),
    ...(isEngineWanted('browser') ? await inBrowser() : [])
  ]
  console.log(tableOf(rows))
  if (rows.some((row) => !isRight(row))) process.exitCode = 1
}

async function inBrowser(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'networks-'))
  const server = await startResultsServer({ folder, port: 0 })
  const silent = () => undefined
  const browser = await launchBrowser(await obtainBrowser(silent), new URL(server.url).origin, silent)
  try {
    return (await measureAll(browser, `${server.url}/time`)).map((row) => ({ engine: 'browser', ...row }))
  } finally {
    await browser.close()
    await server.close()
    rmSync(folder, { recursive: true })
  }
}

async function measureAll(browser: Browser, url: string): Promise<Figures[]> {
  const rows: Figures[] = []
  const measure = async (
    network: string,
    measureOne: (probe: Probe) => Promise<Omit<Figures, 'network'>[]>
  ) => {
    if (!isWanted(network)) return
    const probe = await openProbe(browser, url, network)
    rows.push(...(await measureOne(probe)).map((row) => ({ network, ...row })))
    await probe.close()
  }
  await measure('perfect', async (probe) => [
    { what: 'delay, median', measured: median(await probe.send(500, 100)), from: 0, to: 2, unit: 'ms' }
  ])
  for (const delay of DELAYS_MS)
    await measure(`delay=${delay}ms`, async (probe) => {
      const measured = median(await probe.send(500, 100))
      return [{ what: 'delay, median', measured, from: delay - 2, to: delay + 2, unit: 'ms' }]
    })
  for (const loss of LOSSES_PERCENT)
    await measure(`loss=${loss}%`, async (probe) => {
      const arrived = (await probe.send(LOSS_MESSAGES, 600, 30)).length
      const lost = 100 * (1 - arrived / LOSS_MESSAGES)
      return [
        {
          what: 'datagrams lost',
          measured: 100 * (await probe.datagramLoss()),
          from: loss - 0.5,
          to: loss + 0.5,
          unit: '%'
        },
        { what: 'messages lost', measured: lost, from: loss - 0.5, to: loss + 0.5, unit: '%' }
      ]
    })
  for (const way of ['up', 'down'])
    await measure(`delay=20ms,${way}=${RATE_MBIT}mbit`, async (probe) => {
      const [from, to] = [RATE_MBIT * 0.95, RATE_MBIT * 1.05]
      const { messages, datagrams } = await probe.flood(6)
      // What a line's rate means: the payload of UDP. Messages of 1,000 bytes are 94 % of it.
      const share = messages / datagrams
      return [
        { what: 'rate, datagrams', measured: datagrams / 1e6, from, to, unit: 'Mbit/s' },
        {
          what: 'rate, messages',
          measured: messages / 1e6,
          from: rounded(from * share),
          to: rounded(to * share),
          unit: 'Mbit/s'
        }
      ]
    })
  if (isWanted(LOSSY)) {
    const lost: number[][] = []
    for (const seed of [1, 1, 2]) {
      const probe = await openProbe(browser, url, LOSSY, datagramsBefore(seed, 0))
      lost.push(await probe.lost(OVERLAP_MESSAGES, 300))
      await probe.close()
    }
    rows.push(
      ...overlapRows('of one seed', lost[0]!, lost[1]!),
      ...overlapRows('of two seeds', lost[1]!, lost[2]!)
    )
  }
  await measure('perfect', async (probe) => {
    const times = await probe.request(url, 200)
    return [
      { what: 'request to the results server, p95', measured: times[189]!, from: 0, to: 20, unit: 'ms' }
    ]
  })
  await measure('delay=300ms,loss=5%,down=1mbit,up=1mbit', async (probe) => {
    const times = await probe.request(url, 200)
    return [
      { what: 'request to the results server, p95', measured: times[189]!, from: 0, to: 20, unit: 'ms' }
    ]
  })
  await measure('home,1s:offline,2s:home', async (probe) => {
    await probe.set('home,1s:offline,2s:home', 1)
    const during = (await probe.send(200, 100)).length
    await probe.set('home,1s:offline,2s:home', 2)
    const after = (await probe.send(200, 100)).length
    return [
      { what: 'messages through an outage, of 200', measured: during, from: 0, to: 0, unit: '' },
      { what: 'messages after it, of 200', measured: after, from: 190, to: 200, unit: '' }
    ]
  })
  return rows
}

/**
 * The share of the messages lost in one run that another loses too: the same message, and the best of the
 * shifts. If losses were independent, it would be the share that the other run loses, give or take chance;
 * runs of one seed begin near the same place of Chromium's sequence, so a shift may fit them better.
 */
function overlapRows(which: string, one: number[], other: number[]): Figures[] {
  const lost = new Set(other)
  const shareAt = (shift: number) => one.filter((number) => lost.has(number + shift)).length / one.length
  const shifts = Array.from({ length: 2 * MOST_SHIFTED + 1 }, (_, index) => index - MOST_SHIFTED)
  const expected = lost.size / OVERLAP_MESSAGES
  const chance = 3 * Math.sqrt((expected * (1 - expected)) / one.length)
  const row = { network: LOSSY, unit: '%' }
  return [
    {
      ...row,
      what: `same message lost in two runs ${which}`,
      measured: 100 * shareAt(0),
      from: rounded(100 * Math.max(0, expected - chance)),
      to: rounded(100 * (expected + chance))
    },
    {
      ...row,
      what: `at the best shift, ${which}`,
      measured: 100 * Math.max(...shifts.map(shareAt)),
      from: 0,
      // The best of many shifts exceeds the bound of one by chance.
      to: which === 'of two seeds' ? rounded(100 * (expected + 1.5 * chance)) : 100
    }
  ]
}

const rounded = (value: number) => Number(value.toFixed(2))

/** What a capture of a network measures, and the range that is right. */
interface Measurement extends Omit<Load, 'bytes' | 'receivers'> {
  bytes?: number
  receivers?: number
  figures: [what: string, of: (capture: Capture) => number, from: number, to: number, unit: string][]
}

const MEASUREMENTS: Measurement[] = [
  ...DELAYS_MS.map((delay) => ({
    ...{ network: `delay=${delay}ms`, perSecond: 1000, seconds: 2 },
    figures: [
      ['delay, median', ({ delay: measured }) => measured, delay - 2, delay + 2, 'ms'],
      ['delay, p95', ({ delayP95 }) => delayP95, delay, delay + 10, 'ms']
    ] as Measurement['figures']
  })),
  ...LOSSES_PERCENT.map((loss) => ({
    ...{ network: `loss=${loss}%`, perSecond: 1000, seconds: LOSS_MESSAGES / 1000 },
    figures: [
      ['datagrams lost', ({ lossPercent }) => lossPercent, loss - 0.5, loss + 0.5, '%']
    ] as Measurement['figures']
  })),
  ...['up', 'down'].map((way) => ({
    ...{ network: `delay=20ms,${way}=${RATE_MBIT}mbit`, perSecond: 500, seconds: 6, bytes: 1000 },
    figures: [
      ['rate, datagrams', ({ rate }) => rate, RATE_MBIT * 0.95, RATE_MBIT * 1.05, 'Mbit/s']
    ] as Measurement['figures']
  })),
  {
    ...{ network: `delay=5ms,up=${RATE_MBIT}mbit`, perSecond: 500, seconds: 6, bytes: 1000, receivers: 4 },
    figures: [
      ['rate of a peer to four others', ({ rate }) => rate, RATE_MBIT * 0.95, RATE_MBIT * 1.05, 'Mbit/s']
    ]
  },
  ...[30, 200].map((perSecond) => ({
    ...{ network: 'delay=40ms,jitter=10ms', perSecond, seconds: 60 },
    figures: [
      [`delay, median at ${perSecond}/s`, ({ delay }) => delay, 37, 43, 'ms'],
      [`its deviation at ${perSecond}/s`, ({ deviation }) => deviation, 8, 12, 'ms'],
      [`overtaken at ${perSecond}/s`, ({ overtaken }) => overtaken, 0, 0, '']
    ] as Measurement['figures']
  })),
  {
    ...{ network: 'loss=5%,burst=100ms', perSecond: 500, seconds: 120 },
    figures: [
      ['datagrams lost', ({ lossPercent }) => lossPercent, 3.5, 6.5, '%'],
      ['length of a burst', ({ burst }) => burst, 75, 125, 'ms']
    ]
  }
]

async function captured(
  engine: Exclude<Engine, 'browser'>,
  captureOf: (load: Load) => Promise<Capture>
): Promise<Row[]> {
  const rows: Row[] = []
  for (const { figures, ...load } of MEASUREMENTS) {
    const { network } = load
    if (!isWanted(network)) continue
    const capture = await captureOf({ bytes: 200, receivers: 1, ...load })
    for (const [what, of, from, to, unit] of figures)
      rows.push({ engine, network, what, measured: of(capture), from, to, unit })
    if (engine === 'relay' && network === `delay=${DELAYS_MS[1]}ms`)
      rows.push({
        engine,
        network,
        what: 'CPU for each datagram',
        measured: capture.cpu,
        from: 0,
        to: 250,
        unit: 'µs'
      })
  }
  return rows
}

const [engines, networks] = [true, false].map((isEngine) =>
  process.argv.slice(2).filter((text) => ENGINES.some((engine) => engine === text) === isEngine)
) as [string[], string[]]
const isEngineWanted = (engine: Engine) => engines.length === 0 || engines.includes(engine)
const isWanted = (network: string) => networks.length === 0 || networks.some((text) => network.includes(text))

const isRight = ({ measured, from, to }: Row) => measured >= from && measured <= to

/** A row for each figure, a column for each engine. */
function tableOf(rows: readonly Row[]): string {
  const head = ['network', '', 'right', ...ENGINES]
  const table = new Table({ head, style: { head: [], border: [] } })
  const keyOf = ({ network, what }: Row) => `${network} ${what}`
  for (const key of new Set(rows.map(keyOf))) {
    const each = rows.filter((row) => keyOf(row) === key)
    const { network, what, from, to, unit } = each[0]!
    const cells = ENGINES.map((engine) => {
      const row = each.find((one) => one.engine === engine)
      return row ? `${rounded(row.measured)} ${unit}${isRight(row) ? '' : ' WRONG'}` : ''
    })
    table.push([network, what, `${from} to ${to}`, ...cells])
  }
  return table.toString()
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
