import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ResultsDocument, StoredSample } from '../../../protocol/results-document'
import { assertClose } from '../../testing/assert-close'
import { fakeMesh } from '../../testing/fake-mesh'
import { START } from '../../testing/fake-options'
import { summarize } from '../summarize'

const unread = (sample: StoredSample) => {
  sample.cpu.browser = sample.memory.browser = 0
}
const tooLate = (sample: StoredSample, { finishedAt }: ResultsDocument) => {
  sample.timestamp = finishedAt!
}
const unknown: [when: string, runners: string[], spoil: typeof tooLate][] = [
  ['no machine tells', ['runner-0', 'runner-1'], unread],
  ['one machine does not tell', ['runner-1'], unread],
  ['one runner has no sample in the measured time', ['runner-1'], tooLate]
]
for (const [when, runners, spoil] of unknown) {
  test(`what the browsers cost is unknown, not nothing, if ${when}`, () => {
    const { document } = fakeMesh({ runners: 2, thresholds: ['machine.memoryPerPeer<1MB'] })
    for (const sample of document.runnerSamples)
      if (runners.includes(sample.runnerId)) spoil(sample, document)
    const { machine, thresholds, verdict } = summarize(document)
    const { cpuMsPerPeerSecond, cpuMsPerDelivered, memoryPerPeer, memorySlope } = machine
    assert.deepEqual(
      [cpuMsPerPeerSecond, cpuMsPerDelivered, memoryPerPeer, memorySlope],
      [null, null, null, null]
    )
    assert.equal(thresholds[0]!.passed, false)
    assert.equal(verdict, 'valid')
  })
}

test('a runner that failed before its peers were ready leaves the others’ figures as they are', () => {
  const { document } = fakeMesh()
  const expected = summarize(document).machine
  const failed = { ...document.runnerSamples[0]!, runnerId: 'other', state: 'failed' as const }
  const { machine } = summarize({ ...document, runnerSamples: [...document.runnerSamples, failed] })
  assert.deepEqual(machine, expected)
})

describe('samples that the results server gets late', () => {
  const busyInTheEnd = () => {
    const { document } = fakeMesh()
    for (const { timestamp, cpu, memory } of document.runnerSamples) {
      cpu.usage = timestamp < START + 12_000 ? 0.4 : 1
      memory.browser += (timestamp - START) * 1000
    }
    return document
  }
  const cases: [what: string, spoil: (document: ResultsDocument) => void][] = [
    [
      'count for the time in which they were taken',
      ({ runnerSamples, finishedAt }) => {
        for (const sample of runnerSamples.slice(5)) sample.timestamp = finishedAt!
        runnerSamples.reverse()
      }
    ],
    ['and again count once', ({ runnerSamples }) => void runnerSamples.splice(6, 0, { ...runnerSamples[5]! })]
  ]
  for (const [what, spoil] of cases)
    test(what, () => {
      const document = busyInTheEnd()
      const { machine, reasons } = summarize(document)
      spoil(document)
      const late = summarize(document)
      assert.deepEqual(late.machine, machine)
      assert.deepEqual(late.reasons, reasons)
    })

  test('count when they arrived if those before them are lost', () => {
    const document = busyInTheEnd()
    document.runnerSamples.splice(1, 3)
    assertClose(summarize(document).machine.cpuUsageMax, (0.4 + 5 * 1) / 6)
  })
})

test('a runner that comes late costs nothing before', () => {
  const late = 12
  const { document } = fakeMesh({ runners: 2, presence: (peer) => (peer % 2 ? { joined: late } : {}) })
  document.runnerSamples = document.runnerSamples.filter(
    ({ runnerId, timestamp, interval }) =>
      runnerId === 'runner-0' || timestamp - interval >= START + late * 1000
  )
  const { machine, peers } = summarize(document)
  assert.equal(peers.peerSeconds, 5 * 15 + 5 * 8)
  assertClose(machine.cpuMsPerPeerSecond, 160)
  assertClose(machine.memoryPerPeer, 60e6, 1)
})
