/** What the client image runs, without Docker: its program, beside its page. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { bundleProgram } from '../deploy/docker/bundle'
import { serve } from '../server/testing/test-server'
import { temporaryFolder } from '../server/testing/temporary-folder'

const run = promisify(execFile)
const PAGE = join(__dirname, '../deploy/docker/page.ts')

describe('the client image', () => {
  const folder = temporaryFolder()
  before(async () => {
    await Promise.all([
      bundleProgram('client', folder),
      run(process.execPath, ['--require', 'tsx/cjs', PAGE, folder])
    ])
  })

  const CASES: [what: string, env: Record<string, string>, says: RegExp][] = [
    [
      'passes on an option of its build',
      { PEER_CONFIG: '{"targetConnections":6}' },
      /LIGHTHOUSE_URL .* cannot/
    ],
    [
      'knows the other generation, too',
      { LIBRARY: 'islands', PEER_CONFIG: '{"x":1}' },
      /"islands" has no option "x"/
    ],
    [
      'refuses a misspelt one',
      { PEER_CONFIG: '{"targetConections":6}' },
      /no option "targetConections". Did you mean "targetConnections"\?/
    ],
    [
      'passes that on if told to',
      { PEER_CONFIG: '{"targetConections":6}', ALLOW_UNKNOWN_OPTIONS: 'yes' },
      /LIGHTHOUSE_URL .* cannot/
    ]
  ]
  for (const [what, env, says] of CASES)
    it(what, async (t) => {
      const { client, url } = await serve(t)
      await client.createTest('first', { expectedPeers: 4 })
      const child = run(process.execPath, ['run-clients.js'], {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          LIBRARY: 'layers',
          TEST_ID: 'first',
          RESULTS_SERVER_URL: url,
          LIGHTHOUSE_URL: 'http://127.0.0.1:9',
          ...env
        }
      })
      await assert.rejects(child, ({ stderr, stdout }: Record<'stderr' | 'stdout', string>) =>
        says.test(stdout + stderr)
      )
    })
})
