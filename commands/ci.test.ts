/** Why a comparison has no verdict, from its document and what it printed. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { resultOf } from './ci'

const FULL = `Block 7
Error: ENOSPC: no space left on device, write
    at writeSync (node:fs:1:2) {
  errno: -28
}
`
const CASES: [what: string, stopped: string | null, log: string | null, why: string][] = [
  [
    'failed',
    'stopped, 6 of 24 blocks',
    'Block 7\nNo answer from node-2\n',
    'It ended after 6 of 24 blocks: No answer from node-2'
  ],
  [
    'failed by a defect',
    'stopped, 6 of 24 blocks',
    FULL,
    'It ended after 6 of 24 blocks: Error: ENOSPC: no space left on device, write'
  ],
  [
    'was stopped',
    'stopped, 6 of 24 blocks',
    'Block 7\nStopped with 36 runs to go. To resume: npx peer-perf compare --resume pull\n',
    'It was stopped, 6 of 24 blocks'
  ],
  ['was stopped, without a log', 'stopped, 6 of 24 blocks', null, 'It was stopped, 6 of 24 blocks'],
  ['failed before its first run', null, FULL, 'Error: ENOSPC: no space left on device, write'],
  ['left nothing', null, null, 'The comparison did not begin']
]
for (const [what, stopped, text, why] of CASES)
  it(`says why a comparison has no verdict that ${what}`, (t) => {
    const comparison = mkdtempSync(join(tmpdir(), 'ci-'))
    t.after(() => rmSync(comparison, { recursive: true }))
    const log = join(comparison, 'log')
    if (stopped !== null) writeFileSync(join(comparison, 'comparison.json'), JSON.stringify({ stopped }))
    if (text !== null) writeFileSync(log, text)
    assert.deepEqual(resultOf({ comparison, log }), { why })
  })
