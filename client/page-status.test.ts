import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pageStatusSchema } from '../protocol/page'
import { statusOf } from './page-status'
import type { TestRun } from './test-run'

const LONG = 'planted '.repeat(1000)
const RUN = { phase: 'running', slots: [], meshPeers: [], departed: [], ready: 0, done: 0 }
const CASES: [what: string, run: object | undefined, failure: string | undefined][] = [
  ['a page without a run', undefined, LONG],
  ['a failed run', RUN, LONG],
  ['a run with trouble', { ...RUN, trouble: LONG }, undefined]
]
for (const [what, run, failure] of CASES)
  it(`cuts a long error of ${what} to what the runner accepts`, () => {
    const status = pageStatusSchema.parse(statusOf(run as TestRun | undefined, failure))
    assert.ok(status.error!.startsWith('planted planted'))
  })
