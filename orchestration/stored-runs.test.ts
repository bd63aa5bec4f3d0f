import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { loadRuns } from './stored-runs'

describe('Stored runs', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stored-runs-'))
    for (const [seed, id] of ['a1', 'a2', 'b1'].entries()) {
      const document = fakeDocument({ id, seed, peers: 3, duration: 8 })
      await writeFile(join(folder, `${id}.json`), JSON.stringify(document))
    }
    await copyFile(join(folder, 'b1.json'), join(folder, 'copy.json'))
  })
  after(() => rm(folder, { recursive: true }))
  const load = (from: string[], to: string[]) => loadRuns(from, to, { folder })

  it('are those of both sides', async () => {
    const runs = await load(['a1', 'a2'], ['b1'])
    assert.deepEqual(
      runs.map(({ testId, variant }) => [testId, variant]),
      [
        ['a1', 0],
        ['a2', 0],
        ['b1', 1]
      ]
    )
  })

  const refused: [string, string[], string[], RegExp][] = [
    ['twice on one side', ['a1', 'a1'], ['b1'], /a1 is given twice/],
    ['once on each side', ['a1'], ['a1'], /a1 is given twice/],
    ['as a copy', ['b1'], ['copy'], /copy is a copy of b1/]
  ]
  for (const [how, from, to, message] of refused) {
    it(`count once: refused ${how}`, () => assert.rejects(load(from, to), message))
  }

  const NO_RESULTS: [string, RegExp][] = [
    ['{"id":"cut","summary":{}', /cut\.json is no results file: it is not JSON/],
    ['null', /cut\.json is no results file: it is not JSON/],
    ['[]', /cut\.json has no summary/],
    ['{"id":"cut"}', /cut\.json has no summary/]
  ]
  for (const [text, message] of NO_RESULTS)
    it(`are refused in one line: ${text}`, async () => {
      await writeFile(join(folder, 'cut.json'), text)
      await assert.rejects(load(['a1'], ['cut']), { name: 'UserError', message })
    })

  it('are refused by name if a figure cannot be what it says', async () => {
    const document = fakeDocument({ id: 'b1', seed: 2, peers: 3, duration: 8 })
    document.summary!.latencyOwed.position!.p95 = -5
    await writeFile(join(folder, 'edited.json'), JSON.stringify(document))
    const message = /edited\.json has a summary .*\(latencyOwed\.position\.p95: /
    await assert.rejects(load(['a1'], ['edited']), { name: 'UserError', message })
  })

  it('are all named that are missing', () =>
    assert.rejects(load(['x', 'a1'], ['y', 'z']), /x\.json\n.*y\.json\n.*z\.json/))
})
