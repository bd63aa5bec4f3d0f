import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'

describe('a script of version 0.1', () => {
  const table: [script: string, args: string[], now: string][] = [
    ['history', ['--seed', '1'], 'history --seed 1'],
    ['scale', ['100'], 'calibrate --peers 100 --machines 10 --cores 16'],
    ['cloud:up', [], 'cloud up'],
    ['cloud:run', ['--tasks', '10'], 'run --on aws:10 --peers 40 --mesh full']
  ]
  for (const [script, args, now] of table)
    it(`says what ${script} is now`, () => {
      const { stderr, status } = spawnSync(process.execPath, [join(__dirname, 'moved.cjs'), ...args], {
        encoding: 'utf8',
        env: { ...process.env, npm_lifecycle_event: script }
      })
      assert.deepEqual([stderr, status], [`Now: npx peer-perf ${now}\n`, 1])
    })
})
