import assert from 'node:assert/strict'
import { devNull } from 'node:os'
import { it } from 'node:test'
import { UserError } from '../options/user-error'
import { runCompare } from './compare-process'

it('begins no comparison once it is to stop', async (t) => {
  const [, program] = process.argv
  t.after(() => (process.argv[1] = program!))
  process.argv[1] = devNull
  const signal = AbortSignal.abort(new UserError('Stopped by SIGINT'))
  await assert.rejects(runCompare('none', [], { signal, resume: 'again' }), /^UserError: Stopped by SIGINT$/)
})
