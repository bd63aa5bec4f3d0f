import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ComponentResult, CriterionVerdict, Gate } from '../gate/result'
import type { Comparison } from './comparison'
import { partsOf, weatherMarkdown, weatherRows, type WeatherResult } from './weather-map'

type Value = ComponentResult['baseline']

const MAP = {
  version: 1,
  id: 'x',
  madeAt: 0,
  baseline: 'a',
  candidate: 'b',
  plannedBlocks: 8,
  verdict: 'undecided'
} as const

/** A gate with one criterion, whose 95th percentile has these medians. */
function gateOf(baseline: Value, candidate: Value, verdict: CriterionVerdict = 'holds'): Gate {
  const component = {
    ...{
      metric: 'latencyOwed.position.p95',
      unit: 'ms',
      scale: 'ratio',
      direction: 'lower',
      margin: 0.1,
      verdict
    },
    ...{ baseline, candidate, estimate: 0, limit: 0.369, spread: 0, count: 8 }
  }
  const criterion = {
    ...{ name: 'latency', asks: '', verdict, margin: 0.1, worseP: 1, remark: null },
    components: [component]
  }
  const gate = { verdict: 'undecided', level: 0.05, criteria: [criterion], simulated: [], firstErrors: [] }
  return gate as unknown as Gate
}

describe('a cell of a weather map', () => {
  const table: {
    baseline: Value
    candidate: Value
    change: string
    limit: string
    result: CriterionVerdict
  }[] = [
    { baseline: 'never', candidate: 'never', change: 'never in both', limit: '–', result: 'not judged' },
    { baseline: 'never', candidate: 'never', change: 'never in both', limit: '–', result: 'worse' },
    { baseline: 'never', candidate: 'never', change: 'never in both', limit: '–', result: 'undecided' },
    { baseline: 'never', candidate: 5005, change: 'never → 5,005 ms', limit: '–', result: 'holds' },
    { baseline: 40, candidate: 'never', change: '40 ms → never', limit: '−63.1%', result: 'holds' },
    { baseline: 40, candidate: 44, change: '× 0', limit: '−63.1%', result: 'holds' }
  ]
  for (const { baseline, candidate, ...expected } of table) {
    it(`says what became of ${baseline} and ${candidate}: ${expected.result}`, () => {
      const [row] = weatherRows([{ gate: gateOf(baseline, candidate, expected.result) }])
      const { change, limit, result } = row!.cells[0]!
      assert.deepEqual({ change, limit, result }, expected)
    })
  }

  it('says in the Markdown that nothing was judged where nothing arrived', () => {
    const weather = { name: 'satellite', network: 'satellite', gate: gateOf('never', 'never', 'not judged') }
    const weathers = [{ ...weather, id: 'x', comparison: null, trouble: null }] as WeatherResult[]
    const text = weatherMarkdown({ ...MAP, weathers })
    assert.match(text, /not judged never in both \(–\)/)
    assert.doesNotMatch(text, /holds|× 0/)
  })

  for (const isUnmeasured of [true, false])
    it(`hands on whether it ${isUnmeasured ? 'lacks runs' : 'only lacks the metric to explore'}`, () => {
      const weather = { name: 'home', network: 'home', id: 'x', gate: gateOf(40, 44), comparison: null }
      const weathers = [{ ...weather, trouble: 'why', isUnmeasured }]
      const [part] = partsOf({ ...MAP, weathers })
      assert.deepEqual([part!.judged?.why, part!.judged?.isUnmeasured], ['why', isUnmeasured])
    })

  it('lets no word of a build become Markdown', () => {
    const evil = 'TypeError: a | b @team <img src=x>'
    const refused = { peers: 8, refused: evil, criteria: [], meshesDiffer: false, firstErrors: [] }
    const gate = { ...gateOf(40, 44), simulated: [refused] } as unknown as Gate
    const weathers = [{ name: 'home', network: 'home', id: 'x', gate, comparison: null, trouble: evil }]
    const text = weatherMarkdown({ ...MAP, candidate: 'b`c', weathers })
    assert.doesNotMatch(text, /[^\\]<img|@team|a \| b|b`c/)
  })
})

it('A weather map says in the Markdown what left a network undecided', () => {
  const gate = gateOf(40, 44, 'undecided')
  gate.criteria[0]!.remark = 'too few runs: 5 blocks are the fewest'
  const weathers = [{ name: 'home', network: 'home', id: 'x', gate, comparison: null, trouble: null }]
  assert.match(
    weatherMarkdown({ ...MAP, weathers }),
    /^- home: `home`\n {2}- latency: too few runs: 5 blocks are the fewest\.$/m
  )
})

it('A weather map says in the Markdown what its comparisons must say first', () => {
  const heading = { title: '', facts: '', notes: ['Forced: a', 'browser: <img>'] }
  const setting = { peers: 3, seconds: 30, warmup: 5, routine: 'stand' }
  const comparison = { heading, stopped: 'stopped, 6 of 8 blocks', setting } as Comparison
  const weathers = [{ name: 'home', network: 'home', id: 'x', gate: null, comparison, trouble: null }]
  assert.match(
    weatherMarkdown({ ...MAP, weathers }),
    /^- home: `home`\n {2}- Forced: a\n {2}- browser: \\<img\\>\n {2}- It was stopped, 6 of 8 blocks\.$/m
  )
})
