import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeBlocks, fakeRun } from '../testing/fake-runs'
import { compare, type Comparison } from './comparison'
import { significantP } from './sentences'
import { comparisonText } from './text'
import type { Run } from './run'

const comparisonOf = (runs: Run[]): Comparison =>
  compare({
    id: 'test',
    madeAt: 0,
    design: 'paired',
    baseline: 'before',
    candidate: 'after',
    primary: 'latency.position.p95',
    secondary: ['delivery.position', 'wire.packetsPerMessage'],
    margin: 0.03,
    runs
  })

describe('The text of a comparison', () => {
  it('tells verdict, change, interval and what could have been seen', () => {
    const text = comparisonText(
      comparisonOf(
        fakeBlocks(6, (block, variant) => ({ delay: (20 + block) * (variant ? 1.2 : 1 + block / 100) }))
      )
    )
    assert.match(text, /latency\.position\.p95 \* +\+1\d\.\d %/)
    assert.match(text, /latency\.position\.p95 is worse: \+1\d\.\d % \(.* with 96\.9 % confidence\)\./)
    assert.match(
      text,
      /With these 6 blocks a change of [\d.]+ % in latency\.position\.p95 would have been seen/
    )
    assert.match(text, /2 secondary metrics share 5 % of false alarms: with 6 blocks none/)
    assert.match(text, /Two meshes have in common [\d.]+ % of their links if they share a seed/)
  })

  it('says that there are not enough runs', () => {
    assert.match(
      comparisonText(comparisonOf(fakeBlocks(3))),
      /Not enough runs: 3 blocks .* 6 blocks are\s+the fewest/s
    )
  })

  it('lists the runs that are not compared', () => {
    const text = comparisonText(comparisonOf([...fakeBlocks(6), fakeRun(6, 0, { cpuUsage: 0.99 })]))
    assert.match(text, /12 of 13 runs are compared\. The others:/)
    assert.match(
      text,
      /block-6-build-0-attempt-1 \(baseline, block 7, attempt 1, latency\.position\.p95 [\d.]+\):\s+void: /
    )
  })

  it('writes small p-values as such', () => {
    assert.deepEqual([0.00001, 0.03125, 1].map(significantP), ['< 0.001', '0.031', '1'])
  })
})
