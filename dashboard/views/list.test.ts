import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ApiError, UnreachableError } from '../../protocol/api-client'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import type { Session } from '../session'
import { summaryCache } from './list'

const ENTRY = { id: 'mine', state: 'finished', finishedAt: 1 } as TestEntry
const settled = () => new Promise((resolve) => setImmediate(resolve))

for (const { what, error, attempts } of [
  { what: 'once if there is none', error: new ApiError(500, 'no-summary', ''), attempts: 1 },
  { what: 'once if its file is damaged', error: new ApiError(500, 'test-corrupt', ''), attempts: 1 },
  { what: 'once if nobody gives the token', error: new ApiError(401, 'token-required', ''), attempts: 1 },
  { what: 'again if the server failed', error: new ApiError(503, 'busy', ''), attempts: 2 },
  {
    what: 'again if the server was away',
    error: new UnreachableError('http://results', undefined),
    attempts: 2
  }
])
  it(`A summary is asked for ${what}`, async () => {
    const summary = { testId: 'a\u202eb' } as Summary
    let asked = 0
    const call = () => (++asked === 1 ? Promise.reject(error) : Promise.resolve(summary))
    const summaryOf = summaryCache({ call } as unknown as Session, () => undefined)
    for (let refresh = 0; refresh < 3; refresh++) {
      summaryOf(ENTRY)
      await settled()
    }
    assert.equal(asked, attempts)
    assert.deepEqual(summaryOf(ENTRY), attempts === 1 ? null : { testId: 'a\ufffdb' })
  })

it('Four summaries are asked for at once: other calls of the page must not wait for all', async () => {
  const open: ((summary: Summary) => void)[] = []
  const call = () => new Promise<Summary>((resolve) => open.push(resolve))
  const summaryOf = summaryCache({ call } as unknown as Session, () => undefined)
  for (let test = 0; test < 50; test++) summaryOf({ ...ENTRY, id: `test-${test}` })
  assert.equal(open.length, 4)
  open[0]!({} as Summary)
  await settled()
  assert.equal(open.length, 5)
})
