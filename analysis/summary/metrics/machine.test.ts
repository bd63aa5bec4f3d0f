import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResultsDocument, StoredSample } from '../../../protocol/results-document'
import { fakeMesh } from '../../testing/fake-mesh'
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
