import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { MeshHistory } from '../model/mesh-history'
import { ForceGraph } from './force-graph'

const MESH = new MeshHistory()
MESH.record(1, 'a', ['b', 'c', 'gone'])
MESH.record(1, 'b', ['a'])
MESH.record(1, 'c', [])

for (const { coloured, loads, fills } of [
  { coloured: 'component', loads: undefined, fills: [/^var\(--one\)$/, /^var\(--one\)$/, /^var\(--one\)$/] },
  { coloured: 'load', loads: new Map([['a', 1]]), fills: [/ 100%/, / 15%/, / 15%/] }
])
  it(`The graph draws each peer by its ${coloured}, and each link by its state`, () => {
    const props = { mesh: MESH.at(1), loads, selected: 'b', onSelect: () => undefined, noun: 'peer' }
    const page = renderToString(h(ForceGraph, props))
    assert.match(page, /aria-label="The mesh: 3 peers · 3 links · 1 component · 1 one-sided · 1 broken"/)
    const drawn = [...page.matchAll(/style="fill: ([^"]*)"/g)].map(([, fill]) => fill!)
    assert.equal(drawn.length, fills.length)
    fills.forEach((fill, index) => assert.match(drawn[index]!, fill))
    for (const state of ['two-sided', 'one-sided', 'broken'])
      assert.match(page, new RegExp(`<path class="${state}" d="M-?[\\d.]+,-?[\\d.]+L-?[\\d.]+,-?[\\d.]+"`))
    assert.equal(page.match(/<circle class="silent"/g)?.length, 1)
    assert.match(page, /<text[^>]*>gone<\/text><\/g>/)
    assert.match(page, /<text[^>]*>b<\/text><circle class="ring"/)
    assert.doesNotMatch(page, /NaN|undefined|Infinity/)
  })
