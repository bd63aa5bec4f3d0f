import assert from 'node:assert/strict'
import { it } from 'node:test'
import { notWritable, resultsFolder, writableFolder } from './results-folder'

const UNWRITABLE = /^Can't write to the results folder .*: set TEST_RESULTS_LOCATION to a folder of yours$/

for (const [location, message] of [
  ['/etc/passwd', /^TEST_RESULTS_LOCATION is "\/etc\/passwd", which is not a folder: name one, or .*$/],
  ['/proc/x', UNWRITABLE],
  [`/tmp/${'x'.repeat(300)}`, UNWRITABLE]
] as const)
  it(`the results folder cannot be ${location.slice(0, 20)}, in one line`, (t) => {
    const { TEST_RESULTS_LOCATION } = process.env
    t.after(() => {
      if (TEST_RESULTS_LOCATION === undefined) delete process.env.TEST_RESULTS_LOCATION
      else process.env.TEST_RESULTS_LOCATION = TEST_RESULTS_LOCATION
    })
    process.env.TEST_RESULTS_LOCATION = location
    assert.throws(() => writableFolder(), { name: 'UserError', message })
  })

it('a full disk needs room, not another folder', () => {
  const full = new Error("ENOSPC: no space left on device, mkdir '/results'")
  assert.match(notWritable('/results', full).message, /ENOSPC.*: make room$/)
})

it('somebody without a home is told what to set', (t) => {
  const { HOME, TEST_RESULTS_LOCATION } = process.env
  t.after(() => Object.assign(process.env, { HOME }, TEST_RESULTS_LOCATION && { TEST_RESULTS_LOCATION }))
  process.env.HOME = ''
  delete process.env.TEST_RESULTS_LOCATION
  assert.throws(() => resultsFolder(), { name: 'UserError', message: /^You have no home folder: set HOME / })
})
