import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeMesh } from '../charts/force-graph'
import { sum } from '../../analysis/distribution'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { Histogram } from '../../protocol/histogram'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { TestState } from '../../protocol/test-life'
import { modelOf } from '../testing/model-of'
import { deliveryMatrix, worstPairs } from './delivery-matrix'
import { percentilesOf } from './latency-bins'
import { momentOf } from './moment'
import {
  bandsOf,
  cpuOf,
  deliveryBetween,
  greatest,
  latencyCounts,
  perPeer,
  peersReporting,
  perSecond,
  series
} from './series'
import { loadDocument, TestModel } from './test-model'
import { CAPACITY } from './time-grid'

/** A mesh with a known truth: 8 peers, 10 positions per second each, a tenth lost after the warm-up. */
const DOCUMENT = fakeDocument({
  peers: 8,
  duration: 40,
  interval: 2,
  loss: 0.1,
  delay: 40,
  duplication: 0.5,
  runners: 2,
  cpuUsage: 0.25
})

describe('TestModel', () => {
  it('shows the true rates, delivery and latency of the mesh', async () => {
    const model = await modelOf(DOCUMENT)
    const { timeline, measured: first, count } = momentOf(model)!
    const { totals } = timeline
    assert.ok(count >= 19 && first === 3, `${count} buckets, measured from ${first}`)
    const middle = 10
    near(perSecond(totals, totals['sent.position'])(middle), 80, 0.03)
    near(perSecond(totals, totals['received.position'])(middle), 80 * 7 * 0.9, 0.03)
    near(deliveryBetween(totals, 'position', first, count)!, 0.9, 0.01)
    near(peersReporting(totals)(middle), 8, 1e-6)
    near(perPeer(totals, totals.links)(middle), 4, 1e-6)
    const [p50, p99] = percentilesOf(latencyCounts(timeline, 'all', first, count), [50, 99])
    near(p50!, 40, 0.012)
    near(p99!, 40, 0.012)
    for (const name of ['sent', 'received', 'duplicates', 'links'] as const) {
      const all = name === 'links' ? [totals.links] : MESSAGE_KINDS.map((kind) => totals[`${name}.${kind}`])
      const peers = [...model.peers.values()].map(({ columns }) => columns![name][middle]!)
      near(sum(peers), sum(all.map((column) => column[middle]!)), 1e-5)
    }
    assert.ok(totals.bytesSent[middle]! > 0 && totals.bytesReceived[middle]! > 0)
    const runner = [...model.runners.values()][0]!
    near(cpuOf(runner)(middle)!, 0.25, 1e-5)
    const counted = (kind: 'all' | 'position') => sum(latencyCounts(timeline, kind, first, count))
    assert.ok(counted('position') < counted('all'))
    const { x, values } = series(timeline, count, [{ value: peersReporting(totals) }, { value: () => NaN }])
    assert.equal(x[middle], 21)
    near(values[0]![middle]!, 8, 1e-6)
    assert.equal(values[1]![middle], null)
    assert.ok(greatest(totals, totals.latenessP95)(middle)! >= 0)
    assert.equal(greatest(totals, totals.latenessP95)(CAPACITY - 1), null)
  })

  it('counts a point once, however often and in whatever order it arrives', async () => {
    const once = await modelOf(DOCUMENT)
    const [dataPoints, runnerSamples] = [
      DOCUMENT.dataPoints.toReversed(),
      DOCUMENT.runnerSamples.toReversed()
    ]
    const shuffled = await modelOf({ ...DOCUMENT, dataPoints, runnerSamples })
    for (const point of DOCUMENT.dataPoints) shuffled.addPoint(point)
    assert.equal(shuffled.pointCount, once.pointCount)
    const received = ({ timeline }: TestModel) => sum(timeline!.totals['received.position'])
    near(received(shuffled), received(once), 1e-6)
    const lastOf = ({ runners }: TestModel) =>
      [...runners].map(([id, { last }]) => [id, last.sequence]).sort()
    assert.deepEqual(lastOf(shuffled), lastOf(once))
  })

  it('counts errors once of a document that is read again, as after a connection that broke', async () => {
    const document = structuredClone(DOCUMENT)
    Object.values(document.peerResults)[0]!.errors = ['thrown']
    document.runnerSamples[0]!.errors = ['seen']
    const model = await modelOf(document)
    await loadDocument(model, new Blob([JSON.stringify(document)]).stream())
    assert.deepEqual(model.errors.map(({ text }) => text).sort(), ['seen', 'thrown'])
    assert.equal(model.errorCount, 2)
  })

  it('ends its charts with the measurement, if that is planned', () => {
    const { duration, ...unlimited } = DOCUMENT
    const [start, planned] = [DOCUMENT.startsAt!, DOCUMENT.startsAt! + duration! * 1000]
    for (const [state, end, before] of [
      [DOCUMENT, planned, 4],
      [unlimited, planned + 4000, 2],
      [{ ...DOCUMENT, startsAt: undefined }, planned + 4000, 2]
    ] as [TestState, number, number][]) {
      const model = new TestModel()
      model.setState(state)
      // The last point of a peer reaches into the drain, when hardly anything is sent.
      const intervals = [start, planned - 2000, planned + 2000].map((from, sequence) => ({ from, sequence }))
      for (const { from, sequence } of intervals) {
        const interval = { from, until: Math.min(from + 4000, planned + 4000) }
        model.addPoint({ peerId: 'a', sequence, timestamp: 0, metrics: { interval, relayed: 4 } })
      }
      assert.equal(model.end, end)
      assert.equal(model.timeline!.totals.relayed[(planned - start) / 2000 - 1], before)
    }
  })

  it('bounds its memory: a test that outgrows the buckets gets wider ones, with the same counts and rates', () => {
    const model = new TestModel()
    model.setState(DOCUMENT)
    const start = DOCUMENT.startsAt!
    const seconds = 3 * 3600
    const kind = (sent: number) => ({ sent, received: 2 * sent, duplicates: 0, latency: '', late: 0 })
    const messages = { position: kind(20), profile: kind(2), chat: kind(0) }
    const latency = new Histogram()
    latency.record(40_000)
    const heard = { ...messages, position: { ...kind(20), latency: latency.encode() } }
    for (let i = 0; i < seconds / 2; i++) {
      const interval = { from: start + 2000 * i, until: start + 2000 * (i + 1) }
      for (const peerId of ['a', 'b', 'c'])
        model.addPoint({
          peerId,
          sequence: i,
          timestamp: interval.until,
          metrics: { interval, relayed: 1, messages: peerId === 'a' ? heard : messages }
        })
    }
    const timeline = model.timeline!
    const { grid, totals } = timeline
    assert.equal(grid.width, 16_000)
    assert.equal(totals.relayed.length, CAPACITY)
    near(
      totals.relayed.reduce((total, value) => total + value, 0),
      (3 * seconds) / 2,
      1e-5
    )
    for (const bucket of [0, 300, 600]) {
      near(peersReporting(totals)(bucket), 3, 1e-5)
      near(perSecond(totals, totals['sent.position'])(bucket), 30, 1e-5)
      near(deliveryBetween(totals, 'position', bucket, bucket + 1)!, 1, 1e-5)
      assert.equal(sum(latencyCounts(timeline, 'position', bucket, bucket + 1)), 8)
    }
    // Later ones are empty.
    near(deliveryBetween(totals, 'position', 0, CAPACITY)!, 1, 1e-5)
    const p95Of = (peerId: string) => model.peers.get(peerId)!.columns!.latencyP95[0]!
    near(p95Of('a'), 40, 0.012)
    assert.equal(p95Of('b'), 0)
  })

  it('has charts of its first thousand peers, and counts all', () => {
    const model = new TestModel()
    for (let peer = 0; peer < 1001; peer++)
      model.addPoint({ peerId: `p${peer}`, sequence: 0, timestamp: 4000, metrics: { relayed: 1 } })
    assert.equal([...model.peers.values()].filter(({ columns }) => columns).length, 1000)
    const { totals } = model.timeline!
    near(totals.relayed[0]! + totals.relayed[1]!, 1001, 1e-5)
    near(peersReporting(totals)(0), 1001, 1e-5)
  })

  it('leaves out the last, incomplete reports of a running test', async () => {
    const running = await modelOf({ ...DOCUMENT, state: 'running' })
    const finished = await modelOf(DOCUMENT)
    const start = DOCUMENT.startsAt!
    assert.deepEqual([momentOf(running)!.count, momentOf(finished)!.count], [18, 20])
    for (const model of [running, finished]) assert.equal(momentOf(model, start + 20_000)!.count, 10)
    const dataPoints = DOCUMENT.dataPoints.filter(({ timestamp }) => timestamp < start + 9000)
    const early = momentOf(await modelOf({ ...DOCUMENT, state: 'running', dataPoints }))!
    assert.deepEqual([early.count, early.measured, early.recent, early.span], [2, 0, 0, 40])
    assert.equal(momentOf(finished, start + 39_000)!.summary, undefined)
    for (const until of [undefined, start + 40_000])
      assert.equal(momentOf(finished, until)!.summary, finished.summary)
    assert.ok(finished.summary)
    assert.deepEqual([running.isComplete, finished.isComplete], [false, true])
    // An event of the server may come after its answer to "Finish".
    finished.setState(running.state!)
    assert.equal(finished.state!.state, 'finished')
  })

  it('says when a running test reports no more, unless all of its peers are done', async () => {
    const running = await modelOf(fakeDocument({ peers: 2, duration: 10, state: 'running' }))
    const later = performance.now() + 60_000
    assert.deepEqual([running.isSilent(), running.isSilent(later)], [false, true])
    const { peers } = running.state!
    running.setState({ ...running.state!, peers: { ...peers, done: peers.reporting } })
    const finished = await modelOf(fakeDocument({ peers: 2, duration: 10 }))
    assert.deepEqual(
      [running, finished, new TestModel()].map((model) => model.isSilent(later)),
      [false, false, false]
    )
  })

  it('starts its time with the test, whatever runners reported before', () => {
    const model = new TestModel()
    const { startsAt, ...created } = DOCUMENT
    model.setState({ ...created, state: 'created' })
    model.addSample({ ...DOCUMENT.runnerSamples[0]!, sequence: 0, timestamp: startsAt! - 60_000 })
    assert.equal(model.timeline, undefined)
    assert.equal(model.runners.size, 1)
    assert.equal(cpuOf([...model.runners.values()][0]!)(0), null)
    model.setState({ ...DOCUMENT, state: 'running' })
    for (const sample of DOCUMENT.runnerSamples) model.addSample(sample)
    assert.equal(model.timeline!.grid.origin, startsAt)
    assert.equal(momentOf(model), undefined)
  })

  it('uses the library’s own stats if clients send nothing else, and knows nothing of messages and ticks', async () => {
    const model = await modelOf(fakeDocument({ peers: 4, duration: 10, olderClients: true }))
    const { totals } = model.timeline!
    assert.ok(totals.packetsReceived.some((value) => value > 0))
    for (const middle of [0, 2]) near(peersReporting(totals)(middle), 4, 0.01)
    const bucket = totals.packetsReceived.findIndex((value) => value > 0)
    assert.deepEqual(
      [totals['received.position'][bucket], totals.latenessP95[bucket], totals.latenessMax[bucket]],
      [NaN, NaN, NaN]
    )
    assert.equal(deliveryBetween(totals, 'all', 0, bucket + 1), null)
  })

  it('knows of no connections that nobody reports', () => {
    const model = new TestModel()
    model.addPoint({ peerId: 'a', sequence: 0, timestamp: 4000, metrics: { sent: 1 } })
    const { totals } = model.timeline!
    assert.equal(perPeer(totals, totals.links)(0), NaN)
    assert.equal(describeMesh(model.mesh.at(4000)), 'no known links')
  })

  it('survives inconsistent data', () => {
    const model = new TestModel()
    const messages = { sent: 1, received: 1, duplicates: 0, latency: 'AAA' }
    model.addPoint({
      peerId: 'constructor',
      sequence: Number.MAX_SAFE_INTEGER,
      timestamp: 1000,
      metrics: {
        interval: { from: 0, until: 1e13 },
        messages: { position: messages, profile: messages, chat: messages },
        connectedPeers: ['constructor', '__proto__']
      }
    })
    assert.equal(model.pointCount, 1)
    assert.ok(model.latest <= 1000)
    assert.equal(model.mesh.at(model.latest).links.length, 1)
  })

  it('holds no text of a build that would reverse a line', async () => {
    const model = await modelOf(fakeDocument({ peers: 2, duration: 8, library: { name: 'a\u202eb' } }))
    assert.equal(model.summary!.provenance.libraries[0]!.name, 'a\ufffdb')
  })

  it('keeps the reasons that hold now, and no earlier ones', async () => {
    const { summary } = await modelOf(DOCUMENT)
    const model = new TestModel()
    const reason = (rule: string, what: string) => ({
      ...{ rule, what, why: '', advice: '' },
      cause: 'machine' as const
    })
    const [late, split, twice] = [reason('cpu', 'a'), reason('split-mesh', 'b'), reason('split-mesh', 'c')]
    model.setReasons([late])
    model.setReasons([split, twice])
    assert.deepEqual(model.reasons, [split, twice])
    model.setSummary({ ...summary!, reasons: [] })
    assert.deepEqual(model.reasons, [])
  })

  it('knows who heard whom', async () => {
    const split = await modelOf(fakeDocument({ peers: 4, duration: 10, parts: 2 }))
    const matrix = deliveryMatrix(split.finalResults, 'position')
    assert.equal(matrix.ids.length, 4)
    const worst = worstPairs(matrix, 100)
    assert.equal(worst.length, 8, 'each peer misses the two of the other part')
    assert.ok(worst.every(({ share }) => share === 0))
  })
})

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(
    Math.abs(actual - expected) <= Math.abs(expected) * tolerance,
    `${actual} is not near ${expected}`
  )
}

describe('the warm-up and outages of the network', () => {
  it('shade the time axis within its range, with the number of silent links', async () => {
    const document = fakeDocument({
      peers: 4,
      duration: 20,
      outages: [{ from: 5000, until: 8000 }, { from: 15_000 }, { from: 90_000 }]
    })
    for (const { metrics } of document.dataPoints) metrics.links!.silent = 2
    const model = await modelOf(document)
    assert.deepEqual(bandsOf(model, 20), [
      { from: 0, to: 5, what: 'warm-up' },
      { from: 5, to: 8, what: 'outage' },
      { from: 15, to: 20, what: 'outage' }
    ])
    const { totals } = model.timeline!
    assert.ok(Math.abs(perPeer(totals, totals.silent)(6) - 2) < 1e-6)
    const calm = await modelOf(fakeDocument({ peers: 2, duration: 8, warmup: 0 }))
    assert.deepEqual(bandsOf(calm, 8), [])
    const outages = [
      { from: 2000, until: 3000 },
      { from: 5000, until: 6000 }
    ]
    const simulated = await modelOf({
      ...fakeDocument({ peers: 2, duration: 8, warmup: 0 }),
      ...{ engine: 'simulation', runners: [], runnerSamples: [], outages }
    })
    assert.deepEqual(bandsOf(simulated, 8), [
      { from: 2, to: 3, what: 'outage' },
      { from: 5, to: 6, what: 'outage' }
    ])
  })
})
