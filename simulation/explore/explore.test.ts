import assert from 'node:assert/strict'
import childProcess from 'node:child_process'
import { describe, it } from 'node:test'
import type { Builds, LibraryBuild } from '../plan'
import { explore } from './explore'
import { drawTrial } from './trial'

describe('exploring a build', () => {
  const own = (code: string): Builds => [{ text: 'own', library: 'layers', weight: 1, code } as LibraryBuild]
  const trial = { ...drawTrial(0, 2), network: 'perfect', faults: [], duration: 6 }

  it('that uses what is not simulated finds nothing, and says so', async () => {
    const unlike = own('new CompressionStream("gzip")')
    const { findings, refused, failed } = await explore([trial, trial], unlike, { shrinkBudget: 2 })
    assert.deepEqual(findings, [])
    assert.equal(refused.length, 2)
    for (const line of [refused[0], failed])
      assert.match(line ?? '', /uses CompressionStream, which is not simulated/)
  })

  it('that fails otherwise finds it', async () => {
    const failing = own(
      'return { openPage: () => ({ run: { slots: [] }, finished: Promise.reject(new Error("planted")) }) }'
    )
    const { findings, refused } = await explore([trial], failing, { shrinkBudget: 0 })
    assert.deepEqual([findings.length, refused], [1, []])
    assert.match(findings[0]!.broken[0]!.text, /planted/)
  })

  it('that the system kills finds nothing, and says so', async (t) => {
    const { spawn } = childProcess
    t.mock.method(childProcess, 'spawn', (...given: Parameters<typeof spawn>) => {
      const child = spawn(...given)
      child.once('spawn', () => child.kill('SIGKILL'))
      return child
    })
    const { findings, refused } = await explore([trial], own('for (;;);'), { shrinkBudget: 2 })
    assert.deepEqual(findings, [])
    assert.match(refused[0]!, /ended without a result \(SIGKILL\)/)
  })
})
