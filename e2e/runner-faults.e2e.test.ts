import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createProxy, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { ResultsClient } from '../protocol/api-client'
import { Histogram } from '../protocol/histogram'
import type { Summary } from '../protocol/summary'
import { startLighthouse } from '../lighthouse/app'
import { startResultsServer } from '../server/app'
import { readDocument, startClients, startTestLab, type ClientsRun, type TestLab } from './support/lab'
import { browserProcess, busiestRenderer, until } from './support/processes'

const PEERS = 4
/** Two tabs of two peers, so that half of the peers survive if one tab dies. */
const TABS = { PEERS_COUNT: String(PEERS), PEERS_PER_TAB: '2', STATS_SUBMIT_INTERVAL: '1000' }

/** Listens on the port until it has refused this many connections. */
async function refuseConnections(port: number, count: number): Promise<void> {
  const listener = createServer().listen(port, '127.0.0.1')
  for (let refused = 0; refused < count; refused++) {
    const [socket] = (await once(listener, 'connection')) as [Socket]
    socket.destroy()
  }
  listener.close()
  await once(listener, 'close')
}

/** Each fault hits a real test while it is running. */
describe('a fault during a test', () => {
  let lab: TestLab
  before(async () => {
    lab = await startTestLab()
  })
  after(() => lab.close())

  /** Creates a test and starts its clients. Resolves some seconds after the routines have started. */
  async function startTest(
    id: string,
    duration: number,
    variables: Record<string, string> = {}
  ): Promise<ClientsRun> {
    await lab.client.createTest(id, { expectedPeers: PEERS, duration, warmup: 1 })
    const run = startClients(lab, id, { ...TABS, ...variables })
    const failed = run.failures.then((lines) => {
      throw new Error(`It ended before its middle: ${lines.join('; ')}\n${run.output.join('\n')}`)
    })
    await Promise.race([
      failed,
      until('data', async () => (await lab.client.getTest(id)).dataPointCount >= 2 * PEERS)
    ])
    return run
  }

  async function finish(id: string): Promise<Summary> {
    const { summary } = await lab.client.finishTest(id)
    assert.ok(summary)
    return summary
  }

  const rulesOf = (summary: Summary) => summary.reasons.map(({ rule }) => rule)

  it('a tab is killed: the others continue, its data are kept, the run fails', async () => {
    const run = await startTest('killed-tab', 10)
    process.kill(busiestRenderer(process.pid), 'SIGKILL')
    const failures = await run.failures
    assert.match(failures.join('; '), /^Tab \d crashed/)
    const summary = await finish('killed-tab')
    const { peerResults, dataPoints } = readDocument(lab.folder, 'killed-tab')
    assert.equal(Object.keys(peerResults).length, PEERS / 2)
    assert.equal(new Set(dataPoints.map(({ peerId }) => peerId)).size, PEERS)
    assert.equal(summary.verdict, 'void')
    assert.ok(rulesOf(summary).includes('crashed-tab'))
  })

  it('the browser is killed: the run ends immediately and says why', async () => {
    const run = await startTest('killed-browser', 60)
    process.kill(browserProcess(process.pid), 'SIGKILL')
    assert.match((await run.failures).join('; '), /^The browser has crashed or was killed/)
    const summary = await finish('killed-browser')
    assert.equal(summary.verdict, 'void')
    assert.ok(readDocument(lab.folder, 'killed-browser').dataPoints.length >= 2 * PEERS)
  })

  it('a page freezes for more than ten seconds: this is noticed, and voids the test', async () => {
    const run = await startTest('frozen', 20)
    const frozen = busiestRenderer(process.pid)
    process.kill(frozen, 'SIGSTOP')
    try {
      await until('it is noticed', () =>
        /Tab \d is frozen: it has been silent for \d\d s/.test(run.output.join())
      )
    } finally {
      process.kill(frozen, 'SIGCONT')
    }
    await run.failures
    assert.match(run.output.join('\n'), /Tab \d is back after \d\d s/)
    const summary = await finish('frozen')
    assert.equal(summary.verdict, 'void')
    const frozenPeer = summary.reasons.find(({ rule }) => rule === 'frozen-peer')
    assert.match(frozenPeer!.what, /stood still for up to [\d.]+ s/)
    const { runnerSamples, peerResults } = readDocument(lab.folder, 'frozen')
    assert.ok(runnerSamples.some(({ errors }) => errors.some((line) => line.includes('is frozen'))))
    const late = Object.values(peerResults).filter(({ ticks }) => Histogram.decode(ticks.lateness).max >= 9e6)
    assert.equal(late.length, PEERS / 2)
    assert.equal(new Set(late.map(({ number }) => number >> 1)).size, 1, 'all of one tab')
  })

  it('the Lighthouse stops: one line reports it, the run fails, results are submitted', async (t) => {
    const lighthouse = await startLighthouse({ port: 0 })
    t.after(() => lighthouse.close())
    const run = await startTest('no-lighthouse', 14, { LIGHTHOUSE_URL: lighthouse.url })
    await lighthouse.close()
    const failures = await run.failures
    assert.equal(failures.length, 1)
    assert.match(failures[0]!, /^The Lighthouse http:\S+ does not answer any more/)
    const summary = await finish('no-lighthouse')
    assert.ok(rulesOf(summary).includes('disturbed'))
    assert.equal(Object.keys(readDocument(lab.folder, 'no-lighthouse').peerResults).length, PEERS)
  })

  it('the script of a page is cut off, as while the network changes: the page is loaded again', async (t) => {
    let cut = 0
    const answer = async ({ url = '', socket }: IncomingMessage, response: ServerResponse) => {
      // Chromium itself asks again, once, where a connection in use is cut off.
      if (url.startsWith('/bundle.js') && cut++ < 2) return void socket.destroy()
      const { headers, body } = await fetch(new URL(url, lab.clientUrl))
      response.setHeader('Content-Type', headers.get('content-type')!)
      await body!.pipeTo(Writable.toWeb(response))
    }
    const proxy = createProxy((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
    t.after(() => proxy.close())
    await once(proxy, 'listening')
    const clientUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`
    const run = await startTest('cut-script', 2, { CLIENT_URL: clientUrl })
    assert.deepEqual(await run.failures, [], run.output.join('\n'))
    await finish('cut-script')
  })

  it('the results server is restarted: nothing is lost', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'e2e-restart-'))
    let server = await startResultsServer({ folder, port: 0 })
    t.after(async () => {
      await server.close()
      rmSync(folder, { recursive: true })
    })
    const { port, url } = server
    const client = new ResultsClient({ url })
    await client.createTest('restart', { expectedPeers: PEERS, duration: 10, warmup: 1 })
    const run = startClients(lab, 'restart', { ...TABS, RESULTS_SERVER_URL: url })
    await until('data', async () => (await client.getTest('restart')).dataPointCount >= 2 * PEERS)
    await server.close()
    await refuseConnections(port, 8)
    server = await startResultsServer({ folder, port })

    assert.deepEqual(await run.failures, [], run.output.join('\n'))
    const { summary } = await client.finishTest('restart')
    assert.equal(summary?.peers.done, PEERS)
    const { dataPoints, runnerSamples } = readDocument(folder, 'restart')
    for (const sequences of [
      dataPoints.map(({ peerId, sequence }) => `${peerId} ${sequence}`),
      runnerSamples.map(({ sequence }) => sequence)
    ])
      assert.equal(new Set<unknown>(sequences).size, sequences.length)
    const last = Math.max(...runnerSamples.map(({ sequence }) => sequence))
    assert.equal(runnerSamples.length, last + 1, 'every sample of the machine arrived')
    assert.ok(dataPoints.length >= PEERS * 10, 'a data point of each peer for each second')
  })
})
