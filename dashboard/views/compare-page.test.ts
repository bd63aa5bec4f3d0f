import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { PickTable } from './compare-page'

it('A void test can be picked, and is marked as void; a test without results cannot', () => {
  const { summary, ...state } = fakeDocument({ peers: 3, duration: 8, cpuUsage: 0.99 })
  const rowOf = (found: typeof summary | null) =>
    renderToString(
      h(PickTable, { tests: [state], picks: new Map(), summaryOf: () => found, onToggle: () => undefined })
    )
  assert.match(rowOf(summary), />void</)
  assert.doesNotMatch(rowOf(summary), /disabled/)
  assert.equal(rowOf(null).match(/disabled/g)?.length, 2)
})

it('A test to pick has the peers that reported, as in the list of tests', () => {
  const { summary, ...state } = fakeDocument({ peers: 3, duration: 8 })
  const page = renderToString(
    h(PickTable, {
      tests: [state],
      picks: new Map(),
      summaryOf: () => ({ ...summary!, peers: { ...summary!.peers, expected: 4 } }),
      onToggle: () => undefined
    })
  )
  assert.match(page, /<td data-label="Peers" class="number">3<\/td>/)
})
