import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { shownThreshold } from './figures'
import { buildsTable, summaryText } from './summary-text'
import { fakeDocument } from '../testing/fake-mesh'
import type { FakeOptions } from '../testing/fake-options'

const textOf = (options: FakeOptions) => summaryText(fakeDocument(options).summary!)

describe('The summary as text', () => {
  test('shows each kind’s figures in one row', () => {
    const text = textOf({ delay: 100, duplication: 1, rates: { position: 10, profile: 0, chat: 0.2 } })
    assert.match(text, /^position +1,500 +13,500 +13,500 +100% +13,500 +100 ms +100 ms +100 ms +100 ms$/m)
    assert.match(text, /^chat +\d+ +\d+ +\d+ +100% /m)
    assert.doesNotMatch(text, /^profile/m)
    assert.match(text, /Validity: valid\n$/)
  })

  test('shows thresholds with the measured values', () => {
    const text = textOf({
      loss: 0.1,
      thresholds: ['delivery.position>=99%', 'mesh.components==1', 'nonsense']
    })
    assert.match(text, /^ {2}missed {2}delivery\.position>=99%: is 90%$/m)
    assert.match(text, /^ {2}met {5}mesh\.components==1: is 1$/m)
    assert.match(text, /^ {2}missed {2}nonsense: Threshold "nonsense", column 1: .*/m)
  })

  test('shows a value that misses its threshold by less than a digit in full, as the JSON does', () => {
    const text = textOf({
      delay: 100.04,
      rates: { position: 1, profile: 0, chat: 0 },
      thresholds: ['latency.all.max<=100ms', 'latency.all.max<200ms', 'mesh.components!=1']
    })
    assert.match(text, /missed {2}latency\.all\.max<=100ms: is 100 ms \(100\.0\d+\)$/m)
    assert.match(text, /met {5}latency\.all\.max<200ms: is 100 ms$/m)
    assert.match(text, /missed {2}mesh\.components!=1: is 1$/m)
  })

  const SHOWN: [expression: string, value: number, passed: boolean, found: string][] = [
    ['delivery.all>=0.999', 0.99896, false, '99.90% (0.99896)'],
    ['delivery.all>=99.9%', 0.99896, false, '99.90% (0.99896)'],
    ['delivery.all>=0.999', 0.999, true, '99.90%'],
    ['delivery.all>=0.999', 0.998, false, '99.80%'],
    ['latency.all.p95<0.1s', 99.96, true, '100 ms (99.96)'],
    ['wire.bytesPerPeerSecond<=61700', 61_720, false, '61.7 KB/s (61720)'],
    ['wire.bytesSent>=4000MB', 3_999_900_000, false, '4 GB (3999900000)'],
    ['wire.bytesSent>=1000MB', 3_500_000_000, true, '3.5 GB'],
    ['machine.cpuMsPerPeerSecond<9', 8.2, true, '8.2 ms/s'],
    ['wire.packetsPerPeerSecond<33', 33.04, false, '33 packets/s'],
    ['sent.all>=1234', 1234, true, '1,234'],
    ['sent.all<1200', 1234, false, '1,234']
  ]
  for (const [expression, value, passed, found] of SHOWN)
    test(`shows ${value} for ${expression} as ${found}`, () => {
      const metric = /^[\w.]+/.exec(expression)![0]
      assert.equal(shownThreshold({ expression, metric, value, passed }).found, found)
    })

  test('gives each reason of a void test with why and advice, the same advice once', () => {
    const text = textOf({ peers: 40, duration: 8, cpuUsage: 1, tickLateness: () => 120 })
    assert.match(text, /Validity: VOID/)
    assert.match(text, /\[tick-lateness\] The machine is overloaded: the ticks of 40 peers/)
    assert.match(text, /What to try: This machine can run about 33 peers of this test, not 40/)
    assert.match(text, /\[cpu\] [^[]*What to try: as above\./)
  })

  test('rounds the few duplicates of a build not to 0%', () => {
    const { peerResults } = fakeDocument({ peers: 2, duration: 20, duplication: 0 })
    const [first, second] = Object.values(peerResults)
    second!.library = { ...second!.library, version: '0.2.17' }
    Object.values(first!.heard)[0]!.splice(0, 2, 30_000, 1)
    assert.match(buildsTable({ peerResults })!, / 1 +30,\d{3} +0\.01% .*\n.* 1 +\d+ +0% /)
  })

  test('names each build once, by its hash where only that differs', () => {
    const { summary } = fakeDocument({ peers: 1, duration: 8 })
    const { provenance } = summary!
    const textOfBuilds = (...builds: { integrity: string; config?: { a: number } }[]) => {
      const libraries = builds.map((build) => ({
        generation: 'layers' as const,
        name: 'peer',
        version: '1.0.0',
        ...build
      }))
      return summaryText({ ...summary!, provenance: { ...provenance, libraries } })
    }
    const [own, published] = [{ integrity: 'sha512-own' }, { integrity: 'sha512-registry' }]
    assert.match(
      textOfBuilds(own, published),
      /^Test fake · peer@1\.0\.0 \(own\) · peer@1\.0\.0 \(registry\) · routine stand · 1 peer · /
    )
    assert.match(textOfBuilds(own, { ...own, config: { a: 1 } }), /^Test fake · peer@1\.0\.0 · routine/)
  })

  test('names each figure so that it can be understood alone', () => {
    const text = textOf({ peers: 2, duration: 8 }).replaceAll(/\s+/g, ' ')
    assert.match(text, /links datagrams sent \d+,\d+, datagrams lost 2%,/)
    assert.match(text, /, growth of memory per peer 0 B\/s/)
  })

  test('gives the send errors only of peers that were counted', () => {
    assert.doesNotMatch(textOf({ peers: 0 }), /send errors/)
    assert.doesNotMatch(textOf({ peers: 2, duration: 8, olderClients: true }), /send errors/)
    assert.match(textOf({ peers: 2, duration: 8, killed: () => 6 }), /send errors 0/)
  })

  test('tells peers beyond those expected from peers that take turns', () => {
    assert.match(textOf({ peers: 6, expectedPeers: 4 }), /6 peers, 4 expected/)
    const presence = (peer: number) => (peer < 2 ? { left: 9 } : peer > 3 ? { joined: 11 } : {})
    assert.match(textOf({ peers: 6, expectedPeers: 4, presence }), /4 peers at a time, 6 in all/)
  })

  test('marks percentiles of too few messages, and those that are not reached', () => {
    const text = textOf({ peers: 2, duration: 6, loss: 0.1, rates: { position: 10, profile: 1, chat: 0 } })
    assert.match(text, /^position +20 +20 +18 +90% +0 +\S+ ms +too few +too few +\S+ ms$/m)
    assert.match(text, /^too few: p95 needs 20 messages, p99 100\.$/m)
    assert.match(text, /^owed messages +owed +never came +p50 +p95 +p99 +max$/m)
    assert.match(text, /^position +20 +2 +\S+ ms +not reached +too few +not reached$/m)
    assert.match(text, /^not reached: so many messages never arrived that this figure does not exist\.$/m)
  })

  test('is no wider than 100 columns, however large the figures', () => {
    const { summary } = fakeDocument({
      peers: 12,
      duration: 8,
      parts: 3,
      cpuUsage: 1,
      lostRunners: [0],
      thresholds: ['x<1']
    })
    const large = 610_700_123
    const huge = {
      ...summary!,
      testId: 't'.repeat(64),
      sent: { position: large, profile: large, chat: large, all: large },
      expected: { position: large, profile: large, chat: large, all: large },
      received: { position: large, profile: large, chat: large, all: large },
      duplicates: { position: large, profile: large, chat: large, all: large }
    }
    for (const line of summaryText(huge).split('\n')) assert.ok(line.length <= 100, line)
  })

  test('lets an error say only one sentence, not a line of its own', () => {
    const { summary } = fakeDocument({ duration: 8 })
    const errors = { uncaught: 1, first: 'boom \n\n  at x\nValidity: VOID' }
    assert.match(
      summaryText({ ...summary!, errors }),
      /^The first uncaught error: boom at x Validity: VOID\n\nValidity: valid$/m
    )
  })

  test('is coloured only when asked', () => {
    const { summary } = fakeDocument({ duration: 8 })
    assert.ok(!summaryText(summary!).includes('\u001b'))
    assert.ok(summaryText(summary!, { colour: true }).includes('\u001b[32mvalid\u001b[39m'))
  })

  test('of a test without data says only that', () => {
    const text = textOf({ olderClients: true, peers: 1, duration: 6, expectedPeers: 2 })
    assert.match(text, /No message was counted\./)
    assert.match(text, /\[too-few-peers\] 2 peers were expected; at most 1 was there at once\./)
    assert.doesNotMatch(text, /NaN|null|undefined/)
  })
})
