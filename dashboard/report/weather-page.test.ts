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
