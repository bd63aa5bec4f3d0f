/** The one test of a lab: created again only with the same settings; not waited for if it cannot start. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { sampleRunner } from '../../server/testing/sample-data'
import { serve } from '../../server/testing/test-server'
import { programOf } from '../../tools/testing/program'

const SETTINGS = {
  EXPECTED_PEERS: '12',
  TEST_DURATION: '60',
  THRESHOLDS: 'delivery.position>=0.99,startSkew<50'
}

/** The exit code, and what was printed. */
async function oneTest(command: string, env: Record<string, string>): Promise<[code: number | null, string]> {
  const child = spawn(process.execPath, [await programOf('deploy/docker/one-test.ts'), command], {
    env: { ...process.env, TEST_ID: 'first', ...env }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += String(text)))
  const [code] = (await once(child, 'close')) as [number | null]
  return [code, output]
}

describe('a test that exists', () => {
  const CASES: Record<string, [env: Record<string, string>, others: string | null]> = {
    'the same settings': [{}, null],
    'other thresholds': [{ THRESHOLDS: 'startSkew<50' }, 'thresholds'],
    'other peers': [{ EXPECTED_PEERS: '13' }, 'expectedPeers'],
    'none of its settings': [
      { EXPECTED_PEERS: '', TEST_DURATION: '', THRESHOLDS: '' },
      'expectedPeers, duration, thresholds'
    ]
  }
  for (const [what, [env, others]] of Object.entries(CASES))
    it(`is ${others === null ? 'joined' : 'refused'} with ${what}`, async (t) => {
      const { url } = await serve(t)
      const create = (more = {}) => oneTest('create', { RESULTS_SERVER_URL: url, ...SETTINGS, ...more })
      assert.deepEqual(await create(), [0, 'Created test first.\n'])
      assert.deepEqual(
        await create(env),
        others === null
          ? [0, '']
          : [1, `Test first exists with other settings (${others}): choose another TEST_ID\n`]
      )
    })
})

describe('a setting that is no number', () => {
  for (const [name, value] of [
    ['TEST_DURATION', 'abc'],
    ['TEST_DURATION', '1e400'],
    ['EXPECTED_PEERS', 'twelve']
  ] as const)
    it(`is refused: ${name}=${value}`, async (t) => {
      const { url } = await serve(t)
      assert.deepEqual(await oneTest('create', { RESULTS_SERVER_URL: url, ...SETTINGS, [name]: value }), [
        1,
        `${name} must be a number, not "${value}"\n`
      ])
    })
})

describe('the validity of a test that has not started', () => {
  for (const [what, sample] of [
    ['is lost', {}],
    ['has failed', { state: 'failed' }],
    ['has finished', { state: 'finished' }]
  ] as const)
    it(`is not waited for once a runner ${what}`, async (t) => {
      const { client, url } = await serve(t, { runnerSilenceMs: 1_000 })
      await client.createTest('first')
      await client.submitRunnerSample('first', 'r', sampleRunner(0, { state: 'starting', ...sample }))
      const [code, said] = await oneTest('validity', { RESULTS_SERVER_URL: url })
      assert.match(said, new RegExp(`^Test first cannot start: runner r ${what}\\.[^\\n]*TEST_ID\\.\\n$`))
      assert.equal(code, 1)
    })
})
