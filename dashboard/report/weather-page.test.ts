import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compare } from '../../analysis/testing/compare'
import { fakeBlocks } from '../../analysis/testing/fake-runs'
import { weatherPage } from './weather-page'

it('The page of a weather map says which differences were forced, and what was stopped', () => {
  const runs = fakeBlocks(6, (_, variant) => ({ runners: 1 + variant }))
  const own = { id: 'test', madeAt: 0, baseline: 'before', candidate: 'after' }
  const comparison = compare({
    ...{ ...own, design: 'paired', runs, force: true, stopped: 'stopped, 6 of 8 blocks' },
    ...{ primary: 'latency.position.p95', secondary: [] }
  })
  const { gate } = comparison
  const weathers = [{ name: 'home', network: 'home', id: 'test-home', gate, comparison, trouble: null }]
  const page = weatherPage({ ...own, version: 1, plannedBlocks: 8, verdict: 'undecided', weathers })
  assert.match(page, /Forced: these runs differ in more than the build.*runners: 1 .* \/ 2 /s)
  assert.match(page, /It was stopped, 6 of 8 blocks\./)
  assert.match(page, /under 1 network\s*</)
})

it('The page of a weather map shows what is better as well as what holds', () => {
  const runs = fakeBlocks(10, (_, variant) => (variant === 1 ? { delay: 5 } : {}))
  const own = { id: 'test', madeAt: 0, baseline: 'before', candidate: 'after' }
  const comparison = compare({
    ...{ ...own, design: 'paired', runs, primary: 'latency.position.p95', secondary: [] }
  })
  const { gate } = comparison
  const weathers = [{ name: 'home', network: 'home', id: 'test-home', gate, comparison, trouble: null }]
  const page = weatherPage({ ...own, version: 1, plannedBlocks: 10, verdict: 'pass', weathers })
  const [map] = page.split('<h2>Networks</h2>')
  assert.match(map!, /<span class="chip good">better<\/span>/)
})

it('The page of a weather map says why a network lacks a verdict, or its figures', () => {
  const own = { id: 'test', madeAt: 0, baseline: 'before', candidate: 'after' }
  const { gate } = compare({
    ...{ ...own, design: 'paired', runs: fakeBlocks(6), primary: 'latency.position.p95', secondary: [] }
  })
  const weathers = [
    {
      name: '4g',
      network: '4g',
      id: 'a',
      gate: null,
      comparison: null,
      trouble: 'stopped before its first run'
    },
    { name: 'bad', network: '4g,loss:9%', id: 'b', gate, comparison: null, trouble: 'no complete block' }
  ]
  const page = weatherPage({ ...own, version: 1, plannedBlocks: 6, verdict: 'undecided', weathers })
  const [, none, attempts] = page.split('<summary>')
  assert.match(none!, /^<strong>4g<\/strong> {2}<span class="muted">stopped before its first run</)
  assert.doesNotMatch(none!, /Verdict:/)
  assert.match(attempts!, /^<strong>bad<\/strong> <code>4g,loss:9%<\/code> .*>undecided</)
  assert.match(attempts!, /<p>no complete block<.*Verdict: undecided/s)
})
