import assert from 'node:assert/strict'
import { it } from 'node:test'
import { writableFolder } from './results-folder'

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
