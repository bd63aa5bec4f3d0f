import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LibraryBuild } from '../plan'
import type { Prepared } from '../prepare'
import { bundleBrowser, bundleLighthouse } from '../world/bundles'
import { explore } from './explore'
import { drawTrial } from './trial'

describe('exploring a build', () => {
  const prepared = async (code: string): Promise<Prepared> => ({
    builds: [
      { text: 'own', library: 'layers', weight: 1, code, browser: await bundleBrowser() } as LibraryBuild
    ],
    lighthouse: await bundleLighthouse()
  })
  const trial = { ...drawTrial(0, 2), network: 'perfect', faults: [], duration: 6 }

  it('that uses what is not simulated finds nothing, and says so', async () => {
    const unlike = await prepared('new CompressionStream("gzip")')
    const { findings, refused, failed } = await explore([trial, trial], unlike, { shrinkBudget: 2 })
    assert.deepEqual(findings, [])
    assert.equal(refused.length, 2)
    for (const line of [refused[0], failed])
      assert.match(line ?? '', /uses CompressionStream, which is not simulated/)
  })

  it('that fails otherwise finds it', async () => {
    const failing = await prepared(
      'return { openPage: () => ({ run: { slots: [] }, finished: Promise.reject(new Error("planted")) }) }'
    )
    const { findings, refused } = await explore([trial], failing, { shrinkBudget: 0 })
    assert.deepEqual([findings.length, refused], [1, []])
    assert.match(findings[0]!.broken[0]!.text, /planted/)
  })
})
