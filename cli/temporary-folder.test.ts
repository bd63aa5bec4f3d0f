import assert from 'node:assert/strict'
import { it } from 'node:test'
import { temporaryFolder } from './temporary-folder'

it('somebody without a folder for temporary files is told what to set', async (t) => {
  const { TMPDIR } = process.env
  t.after(() => (TMPDIR === undefined ? delete process.env.TMPDIR : (process.env.TMPDIR = TMPDIR)))
  process.env.TMPDIR = '/proc/x'
  const message = /^Can't write temporary files \(ENOENT.*\): set TMPDIR to a folder of yours$/
  await assert.rejects(temporaryFolder('page-'), { name: 'UserError', message })
})
