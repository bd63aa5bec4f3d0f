import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Histogram } from '../../protocol/histogram'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument } from '../../protocol/results-document'
import { summarize } from '../summary/summarize'
import { fakeMesh } from '../testing/fake-mesh'
import { START, type FakeOptions } from '../testing/fake-options'
import { reasonsOf } from '../testing/reasons'

const finalResultsOf = (document: ResultsDocument, number: number): PeerResults =>
  Object.values(document.peerResults).find((results) => results.number === number)!

const frozenTicks = (() => {
  const lateness = new Histogram()
  lateness.record(10e6)
  for (let i = 0; i < 500; i++) lateness.record(1000)
  return lateness.encode()
})()

/** Peer 4 sends no data points for this many seconds. */
const freeze = (from: number, seconds: number) => (document: ResultsDocument) => {
  const frozen = document.dataPoints.filter(({ peerId }) => peerId.endsWith('4'))
  const gone = frozen.filter(({ sequence }) => sequence >= from && sequence < from + seconds)
  document.dataPoints = document.dataPoints.filter((point) => !gone.includes(point))
}

describe('Each rule is broken by its own fault, and by no other', () => {
  const cases: [string, FakeOptions, ((document: ResultsDocument) => void) | undefined, string[], RegExp?][] =
    [
      ['all is well', {}, undefined, []],
      ['nobody came', { peers: 0, expectedPeers: 3 }, undefined, ['no-data'], /No peer sent any data/],
      [
        'finished without a start',
        {},
        (document) => {
          delete document.startsAt
        },
        ['no-data'],
        /without being started/
      ],
      [
        'a test whose runner could not start',
        { runners: 1 },
        (document) => {
          delete document.startsAt
          document.runnerSamples[0]!.errors = ['TURN is "only"']
        },
        ['no-data'],
        /did not start: TURN is "only"/
      ],
      [
        'a test that ended within its warm-up',
        { duration: 3, warmup: 5 },
        undefined,
        ['nothing-measured'],
        /ended within its warm-up of 5 s/
      ],
      [
        'a test without a measured second, whatever its peers say that they sent',
        {},
        ({ peerResults }) => {
          for (const { measured } of Object.values(peerResults)) measured.until = measured.from
        },
        ['nothing-measured'],
        /ended within its warm-up of/
      ],
      [
        'a routine that sends nothing',
        { rates: { position: 0, profile: 0, chat: 0 } },
        undefined,
        ['nothing-measured'],
        /no peer sent a message after the warm-up/
      ],
      [
        'a peer alone, to whom nobody owes anything',
        { peers: 1 },
        undefined,
        ['nothing-measured'],
        /no message was owed to anybody/
      ],
      [
        'fewer peers than expected',
        { expectedPeers: 12 },
        undefined,
        ['too-few-peers'],
        /12 peers were expected; at most 10/
      ],
      [
        'a lost runner',
        { runners: 2, lostRunners: [1] },
        undefined,
        ['lost-runner'],
        /Runner runner-1, with 5 peers/
      ],
      [
        'a crashed tab',
        {},
        ({ runnerSamples }) => {
          for (const { tabs } of runnerSamples.slice(3)) tabs.crashed = 2
          runnerSamples[0]!.errors = ['Tab 1: x is not a function']
          runnerSamples[3]!.errors = ['Tab 1: y is not a function', 'Tab 2 crashed (Page crashed!)']
          runnerSamples[4]!.errors = ['Tab 3 crashed (Page crashed!)']
        },
        ['crashed-tab'],
        /2 tabs of runner runner-0 crashed: Tab 2 crashed \(Page crashed!\)\.$/
      ],
      [
        'a Lighthouse that was restarted',
        {},
        ({ runnerSamples }) => {
          for (const sample of runnerSamples.slice(3)) sample.disturbance = 'The Lighthouse was restarted'
        },
        ['disturbed'],
        /^The Lighthouse was restarted, reports runner runner-0\.$/
      ],
      [
        'a crash that nothing explains',
        {},
        ({ runnerSamples }) => {
          runnerSamples[3]!.tabs.crashed = 1
          runnerSamples[0]!.errors = ['Tab 1: x is not a function']
        },
        ['crashed-tab'],
        /^1 tab of runner runner-0 crashed\.$/
      ],
      [
        'a peer killed',
        { killed: (peer) => (peer === 4 ? 8 : undefined) },
        undefined,
        ['silent-peer'],
        /0004 stopped reporting/
      ],
      [
        'a peer whose last points are missing, though it submitted final results',
        {},
        freeze(8, 4),
        ['silent-peer'],
        /0004 stopped reporting/
      ],
      ['as many missing points as may be', {}, freeze(9, 3), []],
      [
        'a peer none of whose points arrived',
        {},
        freeze(0, Infinity),
        ['silent-peer'],
        /0004 stopped reporting/
      ],
      [
        'a test of which no point arrived',
        {},
        (document) => {
          document.dataPoints = []
        },
        ['silent-peer'],
        /10 peers .* stopped reporting/
      ],
      [
        'a peer without a point that was there for two intervals',
        { presence: (peer) => (peer === 4 ? { joined: 8, left: 9.9 } : {}) },
        freeze(0, Infinity),
        []
      ],
      [
        'a peer frozen for 5 s by its points',
        {},
        freeze(6, 4),
        ['frozen-peer'],
        /stood still for up to 5\.0 s/
      ],
      [
        'a peer frozen for 10 s by its ticks',
        { tickLateness: () => 1 },
        (document) => {
          document.peerResults = Object.fromEntries(
            Object.entries(document.peerResults).map(([id, results]) => [
              id,
              results.number === 4 ? { ...results, ticks: { count: 1, lateness: frozenTicks } } : results
            ])
          )
        },
        ['frozen-peer'],
        /0004 stood still for up to 10\.0 s/
      ],
      [
        'late ticks',
        { tickLateness: (peer) => (peer === 3 ? 51 : 10) },
        undefined,
        ['tick-lateness'],
        /worst: 51 ms/
      ],
      ['ticks as late as may be', { tickLateness: () => 49.9 }, undefined, []],
      [
        'late ticks of a running test',
        { tickLateness: () => 51, state: 'running' },
        undefined,
        ['tick-lateness']
      ],
      [
        'a tenth of the messages not sent',
        { sending: 0.9 },
        undefined,
        ['sent-too-little'],
        /as little as 8\d(\.\d\d)?%/
      ],
      [
        'a tenth of the messages not sent in virtual time',
        { sending: 0.9 },
        (document) => (document.engine = 'simulation'),
        ['sent-too-little'],
        /^A page was busy, or sending failed/
      ],
      ['as few messages as may be', { sending: 0.96 }, undefined, []],
      ['a busy CPU', { cpuUsage: 0.9004 }, undefined, ['cpu'], /90\.04% busy/],
      ['as busy as may be', { cpuUsage: 0.9 }, undefined, []],
      [
        'a container that is nearly always throttled',
        { throttled: 0.9999 },
        undefined,
        ['throttled'],
        / 99\.99% of the scheduler's periods/
      ],
      [
        'a dead receiver',
        {},
        (document) => {
          const finalResults = finalResultsOf(document, 4)
          finalResults.wire = { ...finalResults.wire, received: 0, receivedBytes: 0 }
          for (const kind of Object.values(finalResults.messages)) kind.received = 0
        },
        ['dead-receiver'],
        /0004 had open connections and received nothing/
      ],
      [
        'echoes',
        {},
        (document) => {
          finalResultsOf(document, 4).integrity = { echoes: 7, altered: 0 }
        },
        ['impossible-figures'],
        /handed 7 messages to the peer that had sent/
      ],
      [
        'an altered message',
        {},
        (document) => {
          finalResultsOf(document, 4).integrity = { echoes: 0, altered: 1 }
        },
        ['impossible-figures'],
        /^1 message arrived with other content/
      ],
      [
        'a message that nobody sent, in place of a lost one',
        {},
        (document) => {
          const [one, other] = Object.values(finalResultsOf(document, 4).heard)
          one![2]++
          other![2]--
        },
        ['impossible-figures'],
        /^1 message arrived that its sender did not send/
      ],
      [
        'messages of a peer that is not in the test',
        {},
        (document) => {
          finalResultsOf(document, 4).heard.stranger = [3, 0, 0, 0, 0, 0]
        },
        ['impossible-figures'],
        /^3 messages arrived that their senders did not send/
      ],
      [
        'messages without packets',
        {},
        (document) => {
          for (const results of Object.values(document.peerResults)) {
            results.wire.received = 0
            results.connections.open = 0
          }
        },
        ['impossible-figures'],
        /^Messages reached 10 peers .* without a single packet/
      ],
      [
        'more than was owed',
        {},
        (document) => {
          finalResultsOf(document, 4).messages.profile.received += 1
        },
        ['impossible-figures'],
        /^More messages arrived than were owed: 100.* of profile/
      ],
      [
        'one message of thousands more than was owed',
        {},
        (document) => {
          finalResultsOf(document, 4).messages.position.received += 1
        },
        ['impossible-figures'],
        /^More messages arrived than were owed: 100\.02% of position/
      ],
      [
        'a receiver that decodes nothing',
        {},
        (document) => {
          for (const kind of Object.values(finalResultsOf(document, 4).messages)) kind.received = 0
        },
        ['dead-receiver'],
        /received packets, but not one message/
      ],
      [
        'a mesh in two parts, and once in ten',
        { parts: 2 },
        ({ dataPoints }) => {
          for (const { sequence, metrics } of dataPoints) if (sequence === 7) metrics.connectedPeers = []
        },
        ['split-mesh'],
        /split for most of the time, into up to 10 parts\./
      ],
      [
        'a mesh that ends in two parts, after a moment in more',
        {},
        ({ dataPoints }) => {
          const seen = (second: number, links: (id: string, all: string[]) => string[]) => {
            for (const { peerId, sequence, metrics } of dataPoints)
              if (sequence === second) metrics.connectedPeers = links(peerId, metrics.connectedPeers!)
          }
          seen(7, () => [])
          seen(10, (id, all) => (id.endsWith('4') ? [] : all.filter((other) => !other.endsWith('4'))))
        },
        ['split-mesh'],
        /in 2 parts at the end/
      ],
      [
        'two layers',
        {},
        (document) => {
          finalResultsOf(document, 4).group = 'green'
        },
        ['split-mesh'],
        /ended in 2 layers or islands where 1 was meant/
      ],
      [
        'coarse clocks',
        { delay: 10, runners: 2, clockError: (peer) => 0.6 + (peer % 2) / 10 },
        undefined,
        ['clock-error'],
        /±1\.3 ms only, while the median latency is 10 ms/
      ],
      [
        'messages from the future',
        { delay: 10, clockSkew: (peer) => (peer === 0 ? -50 : 0) },
        undefined,
        ['negative-latency'],
        /arrived before they were sent/
      ]
    ]
  for (const [name, options, spoil, rules, what] of cases) {
    test(name, () => {
      const reasons = reasonsOf(options, spoil)
      assert.deepEqual(
        reasons.map(({ rule }) => rule),
        rules
      )
      for (const reason of reasons) {
        if (what) assert.match(reason.what, what)
        assert.match(reason.what, /^[A-Z0-9].*\.$/)
        assert.match(reason.why, /^[A-Z].*\.$/)
        assert.match(reason.advice, /^[A-Z].*[.?]$/)
      }
    })
  }
})

test('The advice about a peer that decodes nothing names what the build threw, or how to see what it logs', () => {
  const adviceAt = (uncaught: { count: number; first?: string }) =>
    reasonsOf({}, (document) => {
      const results = finalResultsOf(document, 4)
      for (const kind of Object.values(results.messages)) kind.received = 0
      results.page!.uncaught = uncaught
    })[0]!.advice
  assert.equal(
    adviceAt({ count: 3, first: 'Error: boom\n    at x' }),
    'The build threw "Error: boom": mend that first.'
  )
  assert.match(adviceAt({ count: 0 }), /simulate --peer-config '{"logLevel":"WARN"}' prints what it logs/)
})

test('no rule speaks of peers whose next data point is still to come', () => {
  const { document } = fakeMesh({ duration: 12, state: 'running' })
  for (let seconds = 1; seconds <= 12; seconds++) {
    const arrived = document.dataPoints.filter(({ peerId, sequence }) => {
      const lag = Number(peerId.at(-1)) % 3
      return sequence < seconds - lag
    })
    const runnerSamples = document.runnerSamples.filter(
      ({ timestamp }) => timestamp <= START + seconds * 1000
    )
    const summary = summarize({ ...document, runnerSamples, dataPoints: arrived })
    assert.deepEqual(summary.reasons, [], `after ${seconds} s`)
  }
})

test('no rule speaks while a test is only created', () => {
  const reasons = reasonsOf({ peers: 2, expectedPeers: 5 }, (document) => {
    document.state = 'created'
    delete document.startsAt
    document.peerResults = {}
  })
  assert.deepEqual(reasons, [])
})
