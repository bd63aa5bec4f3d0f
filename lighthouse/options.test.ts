import assert from 'node:assert/strict'
import { it } from 'node:test'
import { withDefaults } from './options'

it('An empty LOG_LEVEL is none', (t) => {
  const { LOG_LEVEL } = process.env
  t.after(() =>
    LOG_LEVEL === undefined ? delete process.env.LOG_LEVEL : (process.env.LOG_LEVEL = LOG_LEVEL)
  )
  process.env.LOG_LEVEL = ''
  assert.equal(withDefaults({}).logger.level, 'warn')
})
