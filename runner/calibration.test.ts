import assert from 'node:assert/strict'
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { excessOf, findCalibration, keepCalibration, thisMachine, type Calibration } from './calibration'

const folder = mkdtempSync(join(tmpdir(), 'calibration-'))
const load = {
  library: 'layers',
  routine: 'stand',
  messageTypes: 'faithful' as const,
  network: 'perfect',
  mesh: 'usual' as const
}
const found: Calibration = { ...thisMachine(), ...load, peers: 20, tabs: 2, peersInOneTab: 14, at: 1 }

describe('the calibration of a machine', () => {
  after(() => rmSync(folder, { recursive: true }))

  it('is found again for the same load on the same machine alone', () => {
    assert.equal(findCalibration(folder, load), undefined)
    keepCalibration(folder, found)
    keepCalibration(folder, { ...found, library: 'islands', peers: 30 })
    keepCalibration(folder, { ...found, peers: 22 })
    assert.equal(findCalibration(folder, load)?.peers, 22)
    assert.equal(findCalibration(folder, { ...load, library: 'islands' })?.peers, 30)
    assert.equal(findCalibration(folder, { ...load, routine: 'churn' }), undefined)
    assert.equal(findCalibration(folder, { ...load, network: '4g' }), undefined)
    assert.equal(findCalibration(folder, load, { cpuModel: 'another', cores: 2 }), undefined)
  })

  it('outlives a disk that is full when another one is kept', (t) => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    t.mock.method(fs, 'writeFileSync', (path: string) => {
      fs.closeSync(fs.openSync(path, 'w'))
      throw full
    })
    const oneLine = { name: 'UserError', message: /^Can't write to the results folder .*no space left/ }
    assert.throws(() => keepCalibration(folder, { ...found, routine: 'churn' }), oneLine)
    assert.equal(findCalibration(folder, load)?.peers, 22)
  })

  it('is found beside a damaged one', () => {
    const file = join(folder, 'machine.calibration.json')
    const [first, ...others] = JSON.parse(readFileSync(file, 'utf8')) as object[]
    writeFileSync(file, JSON.stringify([{ ...first, peers: 'many' }, null, ...others]))
    assert.equal(findCalibration(folder, load)?.peers, 22)
  })

  it('is none where the file is something else', () => {
    writeFileSync(join(folder, 'machine.calibration.json'), '{"peers": 5}')
    assert.equal(findCalibration(folder, load), undefined)
  })

  const cases: { it: string; asks: [peersCount: number, peersPerTab: number]; warns: RegExp | undefined }[] =
    [
      { it: 'is silent about what the machine carries', asks: [20, 14], warns: undefined },
      { it: 'warns of too many peers', asks: [21, 5], warns: /carry 20 such peers \(in 2 tabs\), not 21/ },
      { it: 'warns of too many in a tab', asks: [16, 16], warns: /A tab .* carry 14 such peers, not 16/ }
    ]
  for (const {
    it: name,
    asks: [peersCount, peersPerTab],
    warns
  } of cases) {
    it(name, () => {
      const warning = excessOf({ peersCount, peersPerTab }, found)
      assert.equal(warning === undefined, warns === undefined)
      if (warns) assert.match(warning!, warns)
    })
  }

  it('is silent where there is none', () =>
    assert.equal(excessOf({ peersCount: 1000, peersPerTab: 500 }, undefined), undefined))
})
