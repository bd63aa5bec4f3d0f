import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { staleFiles, withFreshTables } from './docs'

describe('the tables of options in docs/', () => {
  it('are up to date (else: npx tsx cli/docs.ts)', () =>
    assert.deepEqual(
      staleFiles().map(({ path }) => path),
      []
    ))

  it('are generated only between their markers', () => {
    const text = 'before\n<!-- options:routines -->\nold\n<!-- /options -->\nafter\n'
    const fresh = withFreshTables(text)
    assert.match(fresh, /^before\n<!-- options:routines -->\n\n\| name /)
    assert.match(fresh, /\| `chat-storm` +\| stands at its place[^\n]+\|\n\n<!-- \/options -->\nafter\n$/)
    assert.equal(withFreshTables(fresh), fresh)
  })
})
