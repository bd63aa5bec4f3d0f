import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResultsDocument } from '../../protocol/results-document'
import type { PagePlan } from './pages'
import { addUncaught } from './uncaught'

describe('an uncaught error', () => {
  const rows: [stack: string, build: string][] = [
    ['Error: e\n    at wait (layers.js:1:2)', 'layers'],
    ['Error: e\n    at wait (file:../layers.js:1:2)', 'file:../layers'],
    ['Error: e\n    at file:../layers.js:1:2', 'file:../layers'],
    ['Error: e\n    at wait (layers@0.2.20.js:1:2)', 'layers@0.2.20'],
    ['Error: e\n    at wait (lighthouse.js:1:2)', 'layers']
  ]
  for (const [stack, build] of rows)
    it(`counts for the build that its stack names: ${stack.split('\n')[1]!.trim()}`, () => {
      const builds = ['layers', 'file:../layers', 'layers@0.2.20']
      const pages = builds.map((text, first) => ({ first, count: 1, build: { text } }) as PagePlan)
      const peerResults = Object.fromEntries(
        builds.map((text, number) => [text, { number, page: { uncaught: { count: 0 } } }])
      ) as unknown as ResultsDocument['peerResults']
      addUncaught({ peerResults }, pages, [stack])
      const counted = builds.filter((text) => peerResults[text]!.page!.uncaught.count > 0)
      assert.deepEqual(counted, [build])
    })
})
