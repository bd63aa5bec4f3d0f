import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { TestModel } from '../../model/test-model'
import { ErrorList, RunnerTable } from './health'

for (const [browser, shown] of [
  [60e6, '60 MB'],
  // As on macOS, where nobody can read it.
  [0, '–']
] as const)
  it(`the table of runners shows a browser's memory of ${browser} bytes as ${shown}`, () => {
    const [sample] = fakeDocument({ peers: 2, duration: 8 }).runnerSamples
    const model = new TestModel()
    model.addSample({ ...sample!, memory: { ...sample!.memory, browser } })
    const page = renderToString(h(RunnerTable, { runners: [...model.runners.values()], isOver: false }))
    assert.ok(page.endsWith(` class="number">${shown}</td></tr></tbody></table></div></section>`), page)
  })

it('the list of errors says that there were more', () => {
  const [sample] = fakeDocument({ peers: 2, duration: 8 }).runnerSamples
  const model = new TestModel()
  const page = () => renderToString(h(ErrorList, { model }))
  const errors = Array.from({ length: 20 }, () => 'lost')
  for (let sequence = 0; sequence < 10; sequence++) model.addSample({ ...sample!, sequence, errors })
  assert.doesNotMatch(page(), /Listed/)
  model.addSample({ ...sample!, sequence: 10, errors })
  assert.match(page(), /Listed: 200 of 220\./)
})
