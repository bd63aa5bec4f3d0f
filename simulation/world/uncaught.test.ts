import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResultsDocument } from '../../protocol/results-document'
import type { PagePlan } from './pages'
import { addUncaught } from './uncaught'

/** What each build's page counts, of one peer each; `silent` has sent no results. */
function counted(errors: readonly string[], silent = '') {
  const builds = ['layers', 'file:../layers', 'layers@0.2.20']
  const pages = builds.map((text, first) => ({ first, count: 1, build: { text } }) as PagePlan)
  const peerResults = Object.fromEntries(
    builds.flatMap((text, number) =>
      text === silent ? [] : [[text, { number, page: { uncaught: { count: 0 } } }]]
    )
  ) as unknown as ResultsDocument['peerResults']
  addUncaught({ peerResults }, pages, errors)
  return Object.entries(peerResults).flatMap(([build, { page }]) =>
    page!.uncaught.count > 0 ? [[build, page!.uncaught]] : []
  )
}

describe('an uncaught error', () => {
  const rows: [stack: string, build: string][] = [
    ['Error: e\n    at wait (layers.js:1:2)', 'layers'],
    ['Error: e\n    at wait (file:../layers.js:1:2)', 'file:../layers'],
    ['Error: e\n    at file:../layers.js:1:2', 'file:../layers'],
    ['Error: e\n    at wait (layers@0.2.20.js:1:2)', 'layers@0.2.20'],
    ['Error: e\n    at wait (lighthouse.js:1:2)', 'layers']
  ]
  for (const [stack, build] of rows)
    it(`counts for the build that its stack names: ${stack.split('\n')[1]!.trim()}`, () =>
      assert.deepEqual(counted([stack]), [[build, { count: 1, first: 'Error: e' }]]))

  it('counts beside others, of which the first is told', () => {
    const errors = [0, 1].map((each) => `Error: ${each}\n    at wait (layers.js:1:2)`)
    assert.deepEqual(counted(errors), [['layers', { count: 2, first: 'Error: 0' }]])
  })

  it('of a page that has sent nothing counts for no other', () =>
    assert.deepEqual(counted(['Error: e\n    at wait (layers.js:1:2)'], 'layers'), []))
})
