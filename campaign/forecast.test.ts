import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { compare } from '../analysis/comparison/comparison'
import { fakeBlocks } from '../analysis/testing/fake-runs'
import { defaultGate } from '../analysis/gate/criteria'
import { forecast, predictedBlocks } from './forecast'
import type { Plan } from './plan'

const PLAN: Plan = {
  id: 'mine',
  command: 'compare',
  madeAt: 0,
  variants: ['layers', 'layers'],
  common: {},
  blocks: 24,
  isSequential: true,
  seed: 1,
  setting: { peers: 3, peersPerTab: 3, duration: 30, warmup: 5, routine: 'stand' },
  primary: 'latency.position.p95',
  secondary: [],
  margin: null
}

describe('The forecast', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forecast-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('says that there is nothing to predict from', async () => {
    assert.match(
      (await forecast(PLAN, join(folder, 'none')))!,
      /no comparison of 3 peers in this design is stored/
    )
  })

  it('uses comparisons of the same design on this machine', async () => {
    const runs = fakeBlocks(8)
    for (const { summary } of runs) summary!.provenance.runners[0]!.cpuModel = cpus()[0]!.model
    const arrangement = { kind: 'one after the other', reason: null } as const
    const { primary, secondary } = PLAN
    const made = { id: 'a', madeAt: 0, baseline: 'b', candidate: 'c', design: 'paired', runs } as const
    const comparison = compare({ ...made, primary, secondary, arrangement })
    await mkdir(join(folder, 'a'))
    await writeFile(join(folder, 'a', 'comparison.json'), JSON.stringify(comparison))
    await mkdir(join(folder, 'unfinished'))
    const sentence = (await forecast(PLAN, folder))!
    assert.match(
      sentence,
      /^Forecast from 1 stored comparison of this machine: an unchanged build passes within 8 blocks/
    )
    assert.match(sentence, /about 12 min$/)
    const isolated = { ...PLAN, setting: { ...PLAN.setting, sideBySide: true, coreSets: [[0], [1]] } }
    assert.match((await forecast(isolated, folder))!, /^Forecast: none/)
  })

  it('takes more blocks for more spread, and gives up on too much', () => {
    const blocks = (spread: number) =>
      predictedBlocks(PLAN, defaultGate(), new Map([['latencyOwed.position.p95', spread]]))
    assert.equal(blocks(0.01), 8)
    assert.ok(blocks(0.12)! > 8)
    assert.equal(blocks(0.5), null)
  })
})
