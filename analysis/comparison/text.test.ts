import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeBlocks, fakeRun } from '../testing/fake-runs'
import { compare, requestOf } from '../testing/compare'
import type { Comparison } from './comparison'
import { significantP } from '../format'
import { comparisonText } from './text'
import type { Run } from './run'

const comparisonOf = (runs: Run[]): Comparison =>
  compare(requestOf(runs, { secondary: ['delivery.position', 'wire.packetsPerMessage'] }))

describe('The text of a comparison', () => {
  it('shows result, change, interval and detectable change', () => {
    const text = comparisonText(
      comparisonOf(
        fakeBlocks(6, (block, variant) => ({ delay: (20 + block) * (variant ? 1.2 : 1 + block / 100) }))
      )
    )
    assert.match(text, /latency\.position\.p95 \* +[\d.]+ ms +[\d.]+ ms +\+1\d\.\d%/)
    assert.match(
      text,
      /latency\.position\.p95 is worse: \+1\d\.\d%, [\d.]+ ms → [\d.]+ ms, lower is better \(.* with 96\.9%\s+confidence\)\./s
    )
    assert.match(text, /With these 6 blocks, a change of [\d.]+% in latency\.position\.p95 is detected/)
    assert.match(text, /2 secondary metrics share 5% of false alarms: it takes 7 blocks/)
    assert.match(text, /Links that the meshes of two runs share: [\d.]+% with the same seed/)
  })

  it('says so if a metric repeats exactly', () =>
    assert.match(comparisonText(comparisonOf(fakeBlocks(6))), /latency\.position\.p95\s+repeats\s+exactly/))

  it('reports too few runs', () =>
    assert.match(
      comparisonText(comparisonOf(fakeBlocks(3))),
      /Not enough runs for latency\.position\.p95: 3 blocks .* at least\s+6 blocks/s
    ))

  const table = [
    { known: 8, blocks: 8, says: /With these 8 blocks, a change of/ },
    { known: 7, blocks: 8, says: /With these 7 of 8 blocks, a change of/ },
    { known: 5, blocks: 8, says: /latency\.position\.p95: 5 of 8 blocks cannot .* at least 6 blocks/ },
    { known: 1, blocks: 1, says: /latency\.position\.p95: 1 block cannot .* at least 6 blocks/ }
  ]
  for (const { known, blocks, says } of table) {
    it(`counts the blocks that know the metric: ${known} of ${blocks}`, () => {
      const runs = fakeBlocks(blocks, (block, variant) => ({ delay: 20 + (1 + variant) * block }))
      for (const { block, variant, summary } of runs)
        if (block! >= known && variant === 1) summary!.latency.position!.p95 = null
      assert.match(comparisonText(comparisonOf(runs)).replaceAll(/\s+/g, ' '), says)
    })
  }

  it('shows the gate first, and the next command while it is undecided', () => {
    const text = comparisonText(comparisonOf(fakeBlocks(6)))
    assert.ok(text.indexOf('Not decided: stability') < text.indexOf('For exploring'))
    assert.match(text, /^after \(0\.2\.20\) against before \(0\.2\.20\)\n.* 3 peers/)
    assert.match(text, /latency: latencyOwed\.position\.p95 +holds +[\d.]+ ms/)
    assert.doesNotMatch(text, /Next, to decide it/)
    const planned = { ...comparisonOf(fakeBlocks(6)), next: 'npx peer-perf compare --resume test' }
    assert.match(comparisonText(planned), /Next, to decide it:\n {2}npx peer-perf compare --resume test\n$/)
    assert.match(
      comparisonText(comparisonOf(fakeBlocks(8))),
      /Verdict: pass.*no\s+worse\s+in\s+stability,.*\sCPU\s+and\s+errors/s
    )
  })

  it('lists attempts lost, by build and reason', () => {
    const runs = fakeBlocks(8, (block, variant) => (variant === 1 && block < 2 ? { parts: 2 } : {}))
    assert.match(comparisonText(comparisonOf(runs)), /split-mesh +build or machine +0 +2\n/)
  })

  it('lists the runs that are not compared', () => {
    const text = comparisonText(comparisonOf([...fakeBlocks(6), fakeRun(6, 0, { cpuUsage: 0.99 })]))
    assert.match(text, /12 of 13 runs are compared\. The others:/)
    assert.match(
      text,
      /block-6-build-0-attempt-1 \(baseline, block 7, attempt 1, latency\.position\.p95 [\d.]+ ms\):\s+void: /
    )
  })

  it('writes small p-values as such', () =>
    assert.deepEqual([0.00001, 0.03125, 1].map(significantP), ['< 0.001', '0.031', '1']))
})
