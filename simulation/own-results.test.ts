import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { documentText } from '../protocol/document-text'
import type { ResultsDocument } from '../protocol/results-document'
import { refuseToReplace } from './own-results'

describe('results of a simulation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-results-'))
  after(() => rmSync(folder, { recursive: true }))
  const document = {
    id: 'mine',
    state: 'finished',
    createdAt: 5,
    dataPoints: []
  } as unknown as ResultsDocument
  mkdirSync(join(folder, 'a folder.json'))
  const rows: [what: string, content: string | undefined, isRefused: boolean][] = [
    ['nothing', undefined, false],
    ['those of an earlier simulation', documentText({ ...document, engine: 'simulation' }), false],
    ['those of a test in browsers', documentText(document), true],
    [
      'those of a test with such a label',
      documentText({ ...document, labels: { engine: 'simulation' } }),
      true
    ],
    ['an empty file', '', true],
    ['a folder', undefined, true]
  ]
  for (const [what, content, isRefused] of rows)
    it(`${isRefused ? 'do not replace' : 'replace'} ${what}`, () => {
      const file = join(folder, `${what}.json`)
      if (content !== undefined) writeFileSync(file, content)
      const replace = () => refuseToReplace(file, 'mine')
      if (isRefused)
        assert.throws(replace, { name: 'UserError', message: /choose another name than --id mine$/ })
      else assert.doesNotThrow(replace)
    })
})
