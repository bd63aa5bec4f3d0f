/** Checks the summary against the truth of a mesh with known figures. */
import assert from 'node:assert/strict'
import { test, describe } from 'node:test'
import fc from 'fast-check'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import { resultsDocumentSchema, type ResultsDocument } from '../../protocol/results-document'
import type { Distribution, LatencyDistribution, OwedLatency, Summary } from '../../protocol/summary'
import { summarySchema } from '../../protocol/summary'
import { distributionOf, owedPercentile } from '../distribution'
import { seededRandom } from '../statistics/random'
import { summarize, SummaryBuilder } from './summarize'
import { fakeMesh, type FakeMesh } from '../testing/fake-mesh'
import { leftOfFreeze } from '../testing/freeze'
import type { FakeOptions } from '../testing/fake-options'

function rulesBroken({ reasons }: Summary): string[] {
  return reasons.map(({ rule }) => rule)
}

/** Counts must match exactly, percentiles to the histograms' three digits. */
function assertTrue(summary: Summary, { truth }: FakeMesh): void {
  for (const kind of MESSAGE_KINDS) {
    const { sent, expected, owed, received, duplicates, delays, delaysFromDue } = truth[kind]
    assert.deepEqual(
      [summary.sent[kind], summary.expected[kind], summary.received[kind], summary.duplicates[kind]],
      [sent, expected, received, duplicates],
      kind
    )
    assert.equal(summary.delivery[kind], expected > 0 ? received / expected : null)
    assertAlike(summary.latency[kind], distributionOf(delays))
    const never = Array<number>(owed - received).fill(Infinity)
    assertOwed(summary.latencyOwed[kind], distributionOf([...delaysFromDue, ...never]))
  }
}

/** Percentiles that fall on messages that never arrived are not reached. */
function assertOwed(actual: OwedLatency, expected: Distribution): void {
  if (!actual || !expected) {
    assert.equal(actual, expected)
    return
  }
  assert.equal(actual.count, expected.count)
  for (const point of ['p50', 'p95', 'p99', 'max'] as const) {
    const [value, truth] = [owedPercentile(actual, point), expected[point]]
    if (value === null || truth === Infinity)
      assert.ok(value === null ? actual.count < 100 : value === truth, point)
    else
      assert.ok(
        Math.abs(value - truth) <= truth / 1024 + 0.001,
        `owed ${point}: ${value} instead of ${truth}`
      )
  }
}

function assertAlike(actual: LatencyDistribution, expected: Distribution): void {
  if (!actual || !expected) {
    assert.equal(actual, expected)
    return
  }
  assert.equal(actual.count, expected.count)
  for (const point of ['p50', 'p95', 'p99', 'max'] as const) {
    const [value, truth] = [actual[point], expected[point]]
    if (value === null) assert.ok(actual.count < 100, point)
    else assert.ok(Math.abs(value - truth) <= truth / 1024 + 0.001, `${point}: ${value} instead of ${truth}`)
  }
}

describe('The summary of a mesh whose figures are known', () => {
  const cases: [string, FakeOptions, Partial<Record<keyof Summary['delivery'], number>>][] = [
    ['all is well', {}, { position: 1, chat: 1, all: 1 }],
    ['a tenth is lost', { loss: 0.1 }, { position: 0.9 }],
    ['all is lost', { loss: 1 }, { position: 0, all: 0 }],
    ['each message comes 2.5 times', { duplication: 1.5 }, { position: 1 }],
    ['a constant delay', { delay: 123.456 }, { position: 1 }],
    ['two halves that never meet hear 4 of 9 others', { parts: 2 }, { position: 4 / 9, chat: 4 / 9 }],
    ['all of it together', { loss: 0.25, duplication: 3, parts: 2, peers: 12, runners: 3 }, {}],
    ['peers come and go', { presence: (peer) => (peer % 2 ? { joined: peer, left: 20 - peer } : {}) }, {}],
    ['one kind only', { rates: { position: 5, profile: 0, chat: 0 } }, { position: 1 }]
  ]
  for (const [name, options, delivery] of cases) {
    test(name, () => {
      const mesh = fakeMesh(options)
      const summary = summarize(mesh.document)
      assertTrue(summary, mesh)
      for (const [kind, share] of Object.entries(delivery)) {
        assert.equal(summary.delivery[kind as 'all'], share, kind)
      }
    })
  }

  test('any mix of loss, duplicates, partition and presence', () => {
    const presence = fc.record({
      joined: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
      left: fc.option(fc.integer({ min: 5001, max: 9000 }), { nil: undefined })
    })
    const options = fc.record({
      seed: fc.integer({ min: 0, max: 1000 }),
      peers: fc.integer({ min: 1, max: 7 }),
      runners: fc.integer({ min: 1, max: 3 }),
      duration: fc.constantFrom(8, 9),
      warmup: fc.constantFrom(0, 2, 5),
      loss: fc.double({ min: 0, max: 1, noNaN: true }),
      duplication: fc.double({ min: 0, max: 4, noNaN: true }),
      parts: fc.integer({ min: 1, max: 3 })
    })
    fc.assert(
      fc.property(options, fc.array(presence, { minLength: 7, maxLength: 7 }), (fixed, presences) => {
        const inSeconds = (ms: number | undefined) => (ms === undefined ? {} : { at: ms / 1000 })
        const mesh = fakeMesh({
          ...fixed,
          presence: (peer) => {
            const { at: joined } = inSeconds(presences[peer]!.joined)
            const { at: left } = inSeconds(presences[peer]!.left)
            return { ...(joined === undefined ? {} : { joined }), ...(left === undefined ? {} : { left }) }
          }
        })
        const summary = summarize(mesh.document)
        assertTrue(summary, mesh)
        summarySchema.parse(summary)
      }),
      { numRuns: 60 }
    )
  })
})

describe('Details that change no figure', () => {
  const mesh = fakeMesh({
    loss: 0.2,
    duplication: 0.5,
    runners: 4,
    presence: (peer) => (peer === 3 ? { joined: 7 } : {})
  })

  test('the order of the lists in a document', () => {
    const straight = summarize(mesh.document)
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed)
        const shuffled = <T>(items: T[]) =>
          items
            .map((item) => ({ item, key: random.uniform() }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item)
        const { document } = mesh
        const reordered: ResultsDocument = {
          ...document,
          peerResults: Object.fromEntries(shuffled(Object.entries(document.peerResults))),
          runnerSamples: shuffled(document.runnerSamples),
          dataPoints: shuffled(document.dataPoints)
        }
        assert.deepEqual(summarize(reordered), straight)
      }),
      { numRuns: 10 }
    )
  })

  test('whether final results come before or after their points', () => {
    const builder = new SummaryBuilder(mesh.document)
    for (const point of mesh.document.dataPoints) builder.addPoint(point)
    for (const sample of mesh.document.runnerSamples) builder.addRunnerSample(sample)
    for (const [id, results] of Object.entries(mesh.document.peerResults)) builder.addPeerResults(id, results)
    assert.deepEqual(builder.build(), summarize(mesh.document))
  })

  test('over how many runners the peers are spread', () => {
    const [one, five] = [1, 5].map((runners) => {
      const { machine, provenance, latencyClockError, ...rest } = summarize(
        fakeMesh({ loss: 0.1, runners }).document
      )
      assert.equal(provenance.runners.length, runners)
      assert.equal(latencyClockError, runners === 1 ? 0 : 0.4)
      assert.ok(machine.cpuUsageMax)
      return { ...rest, edges: provenance.edges }
    })
    assert.deepEqual(one, five)
  })

  test('that a summary is built more than once, or while data still comes', () => {
    const builder = new SummaryBuilder(mesh.document)
    for (const point of mesh.document.dataPoints) {
      builder.addPoint(point)
      if (point.sequence === 10 && point.peerId.endsWith('0')) builder.build()
    }
    for (const sample of mesh.document.runnerSamples) builder.addRunnerSample(sample)
    for (const [id, results] of Object.entries(mesh.document.peerResults)) builder.addPeerResults(id, results)
    builder.build()
    assert.deepEqual(builder.build(), summarize(mesh.document))
  })
})

describe('What peers count while they drain', () => {
  for (const duration of [undefined, 60])
    test(`changes no rate of a test that ${duration === undefined ? 'has no duration' : 'ends early'}`, () => {
      const { document } = fakeMesh({ duration: 20 })
      document.duration = duration
      const { library, links, measured } = summarize(document)
      const last = new Map(document.dataPoints.map((point) => [point.peerId, point]))
      for (const point of last.values()) {
        const { interval, ...metrics } = structuredClone(point.metrics)
        Object.assign(metrics, {
          sent: 0,
          received: 0,
          interval: { from: interval!.until, until: interval!.until + 2000 }
        })
        metrics.ticks!.count = 0
        const timestamp = point.timestamp + 2000
        document.dataPoints.push({ ...point, sequence: point.sequence + 1, timestamp, metrics })
      }
      const drained = summarize(document)
      assert.deepEqual([drained.library, drained.links, drained.measured], [library, links, measured])
    })
})

describe('Owed messages', () => {
  test('a sender that is late, or skips what it owes, cannot hide it', () => {
    const late = fakeMesh({ delay: 5, sendLateness: (peer) => (peer === 3 ? 300 : 0), sending: 0.98 })
    const summary = summarize(late.document)
    assertTrue(summary, late)
    assert.equal(Math.round(summary.latency.position!.max), 5)
    assert.equal(Math.round(summary.latencyOwed.position!.p95!), 305)
    assert.equal(summary.latencyOwed.position!.p99, null)
    assert.ok(summary.latencyOwed.position!.never > 0)
    assert.equal(summary.delivery.position, 1)
  })

  test('show a freeze of 800 ms every 20 s, which first arrivals hide', () => {
    const frozen = fakeMesh({ delay: 3, duration: 65, sendLateness: leftOfFreeze })
    const summary = summarize(frozen.document)
    assertTrue(summary, frozen)
    assert.ok(Math.abs(summary.latency.position!.p99! - 3) < 0.01)
    // 4% of the messages wait up to 800 ms, evenly distributed, so 1% of all messages wait for more than
    // 600 ms.
    const p99 = summary.latencyOwed.position!.p99!
    assert.ok(p99 > 550 && p99 < 650, `${p99} ms`)
  })

  test('are known of peers without final results, but not of clients that do not report them', () => {
    const killed = summarize(fakeMesh({ killed: (peer) => (peer === 4 ? 12 : undefined) }).document)
    assert.ok(killed.latencyOwed.position!.count >= killed.received.position)
    assert.ok(killed.latencyOwed.position!.p95! >= killed.latency.position!.p50!)
    const { latencyOwed, latency } = summarize(fakeMesh({ withoutDue: true }).document)
    assert.deepEqual(latencyOwed, { position: null, profile: null, chat: null, all: null })
    assert.ok(latency.position)
  })
})

describe('Clocks', () => {
  test('messages that arrive before they were sent are counted, and void the test', () => {
    // Half of the clocks are 100 ms fast: 25 of the 45 links connect clocks that differ, and one direction of
    // each then has a negative latency.
    const mesh = fakeMesh({ delay: 20, clockSkew: (peer) => (peer % 2 ? 100 : 0) })
    const summary = summarize(mesh.document)
    const fromFast = Object.values(mesh.document.peerResults).filter(({ number }) => number % 2 === 1)
    const sent = fromFast.reduce(
      (sum, { messages }) => sum + MESSAGE_KINDS.reduce((all, kind) => all + messages[kind].sent, 0),
      0
    )
    assert.equal(summary.negativeLatencies, 5 * sent)
    assert.deepEqual(rulesBroken(summary), ['negative-latency'])
    assertAlike(summary.latency.all && { ...summary.latency.all, p50: 20 }, {
      count: summary.received.all,
      p50: 20,
      p95: 120,
      p99: 120,
      max: 120
    })
  })

  test('errors above a tenth of the median latency void it', () => {
    const coarse = { delay: 20, runners: 2, clockError: (peer: number) => (peer % 2 ? 1.5 : 0.6) }
    const summary = summarize(fakeMesh(coarse).document)
    assert.equal(summary.latencyClockError, 2.1)
    assert.deepEqual(rulesBroken(summary), ['clock-error'])
    assert.deepEqual(rulesBroken(summarize(fakeMesh({ ...coarse, delay: 22 }).document)), [])
  })
})

describe('Peers that never submit final results', () => {
  test('count by their data points', () => {
    const mesh = fakeMesh({ duplication: 1, killed: (peer) => (peer === 2 ? 12 : undefined) })
    const summary = summarize(mesh.document)
    assertTrue(summary, mesh)
    assert.deepEqual(
      summary.reasons.map(({ rule, subject }) => [rule, subject]),
      [['silent-peer', mesh.document.dataPoints.find(({ peerId }) => peerId.endsWith('2'))!.peerId]]
    )
  })

  test('a running test is summed up from data points alone', () => {
    const mesh = fakeMesh({ loss: 0.1, state: 'running', delay: 30 })
    const summary = summarize(mesh.document)
    assertTrue(summary, mesh)
    assert.equal(summary.peers.done, 0)
    assert.equal(summary.verdict, 'valid')
    assert.equal(summary.mesh.components, 1)
  })

  test("of older clients only the library's own stats are known", () => {
    const summary = summarize(fakeMesh({ olderClients: true }).document)
    assert.deepEqual(
      [
        summary.delivery.all,
        summary.latency.all,
        summary.wire.packetsPerMessage,
        summary.ticks.lateness,
        summary.startSkew
      ],
      [null, null, null, null, null]
    )
    assert.ok(summary.library.received! > 0)
    assert.equal(summary.mesh.components, 1)
    assert.deepEqual(rulesBroken(summary), ['silent-peer'])
  })
})

describe('The rest of the summary', () => {
  test('mesh, machine, connection times and provenance of a plain test', () => {
    const summary = summarize(fakeMesh({ peers: 10, warmup: 5, duration: 20, cpuUsage: 0.4 }).document)
    const { components, componentsMax, groups, timeToFullMesh, asymmetricLinks, recovery } = summary.mesh
    assert.deepEqual(
      { components, componentsMax, groups, timeToFullMesh, asymmetricLinks, recovery },
      { components: 1, componentsMax: 1, groups: 1, timeToFullMesh: 0, asymmetricLinks: 0, recovery: null }
    )
    assert.deepEqual(summary.mesh.degree, { count: 10, p50: 4, p95: 4, p99: 4, max: 4 })
    assert.equal(summary.machine.cpuUsageMax, 0.4)
    // Two cores, 40% busy, for ten peers.
    assert.equal(summary.machine.cpuMsPerPeerSecond!.toFixed(6), '80.000000')
    assert.equal(summary.machine.memoryPerPeer, 60e6)
    assert.deepEqual(summary.connection.socket, { count: 10, p50: 34, p95: 39, p99: 39, max: 39 })
    assert.equal(summary.startSkew, 9)
    assert.equal(summary.sendRate.position, 10)
    assert.equal(summary.provenance.edges.length, 20)
    assert.equal(summary.peers.peerSeconds, 150)
  })

  test('peers that send nothing do not lower the rate of those that do', () => {
    const { document } = fakeMesh({})
    const rates = () => Object.values(summarize(document).sendRate).map((rate) => rate!.toFixed(1))
    const before = rates()
    const { messages } = Object.values(document.peerResults)[0]!
    for (const kind of MESSAGE_KINDS) Object.assign(messages[kind], { sent: 0, sentTimes: '' })
    assert.deepEqual(rates(), before)
  })

  test('the fourth connection is that of peers that found four others, and may have so many', () => {
    const fourth = (peers: number, config = {}) => {
      const { document } = fakeMesh({ peers })
      for (const { library } of Object.values(document.peerResults)) library.config = config
      return summarize(document).connection.fourth
    }
    assert.equal(fourth(5)!.count, 5)
    assert.equal(fourth(4), null)
    assert.equal(fourth(5, { maxConnections: 3 }), null)
  })

  test('a newcomer’s recovery is the time until the mesh is whole with it', () => {
    const summary = summarize(fakeMesh({ presence: (peer) => (peer === 9 ? { joined: 8.2 } : {}) }).document)
    // Its first data point ends at 9.0 s; the midpoint of the next slice is 9.5 s.
    assert.deepEqual(summary.mesh.recovery, { count: 1, p50: 1300, p95: 1300, p99: 1300, max: 1300 })
    assert.equal(summary.verdict, 'valid')
  })

  test('a mesh that nobody was in at the start takes until its peers have come', () => {
    const { mesh } = summarize(fakeMesh({ presence: () => ({ joined: 8.2 }) }).document)
    assert.equal(mesh.timeToFullMesh, 9500)
  })

  test('more peers than a group holds are meant to be in several', () => {
    const mesh = fakeMesh({
      peers: 120,
      duration: 6,
      warmup: 3,
      rates: { position: 1, profile: 0, chat: 0 },
      parts: 2
    })
    for (const results of Object.values(mesh.document.peerResults)) results.group = `I${results.number % 2}`
    const summary = summarize(mesh.document)
    assert.equal(summary.mesh.groups, 2)
    assert.equal(summary.delivery.position, 1)
    assert.equal(summary.verdict, 'valid')
  })

  test('documents and summaries keep to the contract', () => {
    const { document } = fakeMesh({ peers: 3, duration: 8 })
    resultsDocumentSchema.parse(document)
    summarySchema.parse(summarize(document))
    summarySchema.parse(summarize({ ...document, dataPoints: [], peerResults: {}, runnerSamples: [] }))
  })

  const lists: [what: string, spoil: (results: PeerResults) => void][] = [
    ['latencies', ({ messages }) => (messages.chat.latency = 'gA==')],
    ['times of messages', ({ messages }) => (messages.position.sentTimes = 'gA==')],
    ['late ticks', ({ ticks }) => (ticks.lateness = 'gA==')]
  ]
  for (const [what, spoil] of lists)
    test(`${what} that cannot be decoded void the test and spare the rest`, () => {
      const mesh = fakeMesh({ presence: (peer) => (peer === 1 ? { joined: 7 } : {}) })
      spoil(Object.values(mesh.document.peerResults)[4]!)
      const summary = summarize(mesh.document)
      assert.deepEqual(rulesBroken(summary), ['unreadable-data'])
      assert.match(summary.reasons[0]!.what, /^A histogram or list of peer \w+ cannot be read\.$/)
      assert.equal(summary.received.position, mesh.truth.position.received)
    })
})

test('peers of one page share its clock, whenever they submit their results', () => {
  const { document } = fakeMesh({ clockError: (peer) => 1 + peer })
  for (const { clock } of Object.values(document.peerResults)) clock.id = 'page'
  assert.equal(summarize(document).latencyClockError, 0)
  Object.values(document.peerResults)[9]!.clock.id = 'other'
  assert.equal(summarize(document).latencyClockError, 19)
})

test('a test that is finished early is measured until then', () => {
  const { document } = fakeMesh({ duration: 12, presence: (peer) => (peer === 2 ? { left: 8 } : {}) })
  document.duration = 60
  // Results submitted before the end still cover the whole planned duration.
  const early = Object.values(document.peerResults)[2]!
  early.measured.until = document.startsAt! + 60_000
  const summary = summarize(document)
  assert.equal(summary.measured.seconds, 7)
  assert.equal(summary.delivery.position, 1)
})
