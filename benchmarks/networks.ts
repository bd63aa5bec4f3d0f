/**
 * `npm run bench:networks`: does a network do what its text says? Sets links in a real browser and measures
 * their effect on packets between two connections: one-way delay, loss and rate, and an outage. Also checks
 * that requests to the results server are unaffected. Exits with 1 if a figure is out of range. Arguments
 * select the networks that contain one of them: `npm run bench:networks -- loss= relay`.
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
import { median } from './median'
import { measureRelay } from './networks-relay'

interface Row {
  network: string
  what: string
  measured: number
  /** Smallest and largest acceptable value. */
  from: number
  to: number
  unit: string
}

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
  const folder = mkdtempSync(join(tmpdir(), 'networks-'))
  const server = await startResultsServer({ folder, port: 0 })
  const silent = () => undefined
  const browser = await launchBrowser(await obtainBrowser(silent), new URL(server.url).origin, silent)
  try {
    const rows = [...(await measureAll(browser, `${server.url}/time`)), ...(await relayRows())]
    console.log(tableOf(rows))
    if (rows.some((row) => !isRight(row))) process.exitCode = 1
  } finally {
    await browser.close()
    await server.close()
    rmSync(folder, { recursive: true })
  }
}

async function measureAll(browser: Browser, url: string): Promise<Row[]> {
  const rows: Row[] = []
  const measure = async (network: string, measureOne: (probe: Probe) => Promise<Omit<Row, 'network'>[]>) => {
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
  const narrow = `delay=20ms,up=${RATE_MBIT}mbit`
  await measure(narrow, async (probe) => {
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
function overlapRows(which: string, one: number[], other: number[]): Row[] {
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

/** Networks that go through the relay are prefixed with `relay:`. */
async function relayRows(): Promise<Row[]> {
  const rows: Row[] = []
  for (const delay of DELAYS_MS) {
    const network = `relay: delay=${delay}ms`
    if (!isWanted(network)) continue
    const measured = await measureRelay(`delay=${delay}ms`)
    const [from, to] = [delay - 2, delay + 2]
    rows.push(
      { network, what: 'delay, median', measured: measured.delay, from, to, unit: 'ms' },
      { network, what: 'delay, p95', measured: measured.delayP95, from, to: delay + 10, unit: 'ms' },
      { network, what: 'CPU for each packet', measured: measured.cpu, from: 0, to: 200, unit: 'µs' }
    )
  }
  return rows
}

const wanted = process.argv.slice(2)
const isWanted = (network: string) => wanted.length === 0 || wanted.some((text) => network.includes(text))

const isRight = ({ measured, from, to }: Row) => measured >= from && measured <= to

function tableOf(rows: readonly Row[]): string {
  const table = new Table({ head: ['network', '', 'measured', 'right', ''], style: { head: [], border: [] } })
  for (const row of rows) {
    const { network, what, measured, from, to, unit } = row
    table.push([
      network,
      what,
      `${rounded(measured)} ${unit}`,
      `${from} to ${to}`,
      isRight(row) ? 'yes' : 'NO'
    ])
  }
  return table.toString()
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
