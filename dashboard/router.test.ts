import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseRoute, testHref, type Route } from './router'

const cases: [string, Route][] = [
  ['', { view: 'tests' }],
  ['#/', { view: 'tests' }],
  ['#/test/a_B-9', { view: 'test', id: 'a_B-9' }],
  [testHref('nightly'), { view: 'test', id: 'nightly' }],
  ['#/compare', { view: 'compare', picks: new Map() }],
  ['#/compare?baseline=a1', { view: 'compare', picks: new Map([['a1', 'baseline']]) }],
  ['#/comparisons', { view: 'comparisons' }],
  ['#/comparison/c-1', { view: 'comparison', id: 'c-1' }],
  ['#/comparison/../status', { view: 'unknown' }],
  ['#/compare/more', { view: 'unknown' }],
  ['#/test/', { view: 'unknown' }],
  ['#/test/../status', { view: 'unknown' }],
  ['#/test/%2e%2e', { view: 'unknown' }],
  [`#/test/${'a'.repeat(65)}`, { view: 'unknown' }],
  ['#javascript:alert(1)', { view: 'unknown' }]
]
for (const [hash, route] of cases) {
  it(`"${hash.slice(0, 30)}" asks for ${route.view}`, () => assert.deepEqual(parseRoute(hash), route))
}
