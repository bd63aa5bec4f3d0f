/** Creating the one test of a lab: again only with the same settings. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { serve } from '../../server/testing/test-server'

const SETTINGS = {
  EXPECTED_PEERS: '12',
  TEST_DURATION: '60',
  THRESHOLDS: 'delivery.position>=0.99,startSkew<50'
}

/** The exit code, and what was printed. */
async function create(url: string, env: Record<string, string>): Promise<[code: number, output: string]> {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'one-test.ts'), 'create'], {
    env: { ...process.env, TEST_ID: 'first', RESULTS_SERVER_URL: url, ...env }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += String(text)))
  const [code] = (await once(child, 'close')) as [number]
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
      assert.deepEqual(await create(url, SETTINGS), [0, 'Created test first.\n'])
      assert.deepEqual(
        await create(url, { ...SETTINGS, ...env }),
        others === null
          ? [0, '']
          : [1, `Test first exists with other settings (${others}): choose another TEST_ID\n`]
      )
    })
})
