import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { isolate } from './environment'

describe('the environment of tests', () => {
  it('has nothing that a terminal sets for programs', () => {
    const own: NodeJS.ProcessEnv = {}
    isolate(own)
    const given: NodeJS.ProcessEnv = {
      ...{ TEST_ID: 'first', RESULTS_SERVER_TOKEN: 'x', RESULTS_SERVER_READ_TOKEN: 'x', SEED: '1' },
      ...{ STATS_SERVER_URL: 'http://db.example', HOST: '0.0.0.0', GIT_DIR: '/x', LC_ALL: 'de_DE.UTF-8' },
      ...{ GITHUB_BASE_REF: 'x', PATH: '/bin', TEST_SEED: '1' }
    }
    isolate(given)
    assert.deepEqual(given, { ...own, PATH: '/bin', TEST_SEED: '1' })
  })

  it('has no settings of git but its own', () => {
    const env: NodeJS.ProcessEnv = { ...process.env }
    isolate(env)
    const settings = execFileSync('git', ['config', '--list', '--show-scope'], { cwd: '/', env })
    assert.equal(settings.toString(), 'command\tsafe.directory=*\n')
  })
})
