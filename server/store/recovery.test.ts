/** Journals damaged on purpose: losses are reported, and everything else is kept. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../../protocol/limits'
import type { RunnerProvenance, RunnerSample } from '../../protocol/runner-sample'
import { sampleResults, sampleRunner } from '../testing/sample-data'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'
import { encodeRecord } from './records'
import { recover } from './recovery'
import { TestProgress } from './test-progress'

const NOW = 1.79e12
const POINTS = 20
const SETTINGS = { id: 'x', createdAt: NOW, warmup: 5, seed: 1, labels: {}, thresholds: [] }

/**
 * A journal of a test with {@link POINTS} points, one per line: lines 0 (created) and 1 (started), then the
 * points.
 */
async function makeJournal(...more: Buffer[][]): Promise<string> {
  const path = join(temporaryFolder(), 'x.journal')
  const journal = await Journal.create(path, 'write')
  await journal.append(encodeRecord('created', JSON.stringify(SETTINGS), { at: NOW }))
  await journal.append(encodeRecord('started', `{"startedAt":${NOW},"startsAt":${NOW}}`, { at: NOW }))
  for (let sequence = 0; sequence < POINTS; sequence++)
    await journal.append(encodeRecord('point', '{"sent":3}', { peerId: 'p', sequence, at: NOW + sequence }))
  for (const record of more) await journal.append(record)
  await journal.close()
  return path
}

async function recoverFrom(text: string | Buffer) {
  const path = join(temporaryFolder(), 'x.journal')
  writeFileSync(path, text)
  return recover(path)
}

const runnerRecord = (runnerId: string, changes: Partial<RunnerSample> = {}) =>
  encodeRecord('runner', JSON.stringify(sampleRunner(0, changes)), {
    runnerId,
    firstPeerNumber: 0,
    at: NOW + 99
  })

describe('recover', () => {
  it('finds no fault in a whole journal', async () => {
    const path = await makeJournal()
    const { model, torn, length } = await recover(path)
    assert.equal(model!.pointCount, POINTS)
    assert.equal(model!.damage, undefined)
    assert.deepEqual([torn, length], [0, statSync(path).size])
  })

  it('reports any changed byte, and keeps all other lines', async () => {
    const bytes = readFileSync(await makeJournal())
    const first = bytes.indexOf(10) + 1
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: first, max: bytes.length - 2 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const changed = Buffer.from(bytes)
          changed[at]! ^= change
          const { model, torn } = await recoverFrom(changed)
          // A change that removes the last line's checksum makes it look torn: it is cut off, and that is
          // logged.
          assert.ok(model!.damage !== undefined || torn > 0, `byte ${at}`)
          assert.ok(model!.pointCount >= POINTS - 2)
        }
      ),
      { numRuns: 300 }
    )
  })

  const DAMAGES: [string, (lines: string[]) => void, string][] = [
    ['a removed line', (lines) => lines.splice(9, 1), '1 of 22 records'],
    ['three removed lines', (lines) => lines.splice(9, 3), '3 of 22 records'],
    ['a line that comes twice', (lines) => lines.splice(9, 0, lines[3]!), '1 of 23 records'],
    [
      'two lines that are glued together',
      (lines) => lines.splice(9, 2, lines[9]! + lines[10]!),
      '2 of 22 records'
    ],
    ['a changed count', (lines) => (lines[9] = lines[9]!.replace('"sent":3', '"sent":8')), '1 of 22 records'],
    [
      'a changed last line',
      (lines) => (lines[21] = lines[21]!.replace('"sent":3', '"sent":8')),
      '1 of 22 records'
    ],
    [
      'a changed line and a changed last line',
      (lines) => [9, 21].forEach((line) => (lines[line] = lines[line]!.replace('"sent":3', '"sent":8'))),
      '2 of 22 records'
    ],
    ['changed last lines', (lines) => lines.splice(20, 2, '{}', '\0'.repeat(40)), '2 of 22 records'],
    ['a lost start', (lines) => lines.splice(1, 1), '1 of 22 records'],
    ['a line of zeros', (lines) => (lines[9] = '\0'.repeat(40)), '1 of 22 records']
  ]
  for (const [what, damage, told] of DAMAGES)
    it(`reports ${what}, and again at the next start`, async () => {
      const lines = readFileSync(await makeJournal(), 'utf8')
        .trimEnd()
        .split('\n')
      damage(lines)
      const { model, nextNumber, length } = await recoverFrom(`${lines.join('\n')}\n`)
      assert.match(model!.damage!, new RegExp(`^${told} `))
      assert.equal(model!.state, 'running')
      // No number is used again: the damage may have been one of reading.
      assert.equal(nextNumber, 2 + POINTS)
      // The journal continues after the damage without a second one.
      const path = join(temporaryFolder(), 'x.journal')
      writeFileSync(path, `${lines.join('\n')}\n`)
      const journal = await Journal.reopen(path, 'write', length, nextNumber)
      await journal.append(encodeRecord('point', '{"sent":3}', { peerId: 'p', sequence: 99, at: NOW + 99 }))
      await journal.close()
      const again = (await recover(path)).model!
      assert.equal(again.pointCount, model!.pointCount + 1)
      assert.equal(again.damage?.split(' ')[0], told.split(' ')[0])
    })

  it('keeps the provenance of all runners, even if it is more than a test takes', async () => {
    const provenance: RunnerProvenance = {
      browser: 'Chrome/156.0.8078.79',
      cpuModel: 'AMD EPYC 9B45',
      cores: 2,
      os: 'Linux 6.1.0',
      node: 'v20.19.0',
      lighthouse: { url: 'http://localhost:9000' },
      peersPerTab: 10,
      network: 'x'.repeat(LIMITS.provenanceLength / 2)
    }
    const told = ['r1', 'r2', 'r3'].map((runnerId) => runnerRecord(runnerId, { provenance }))
    const { model } = await recover(await makeJournal(...told))
    assert.deepEqual(
      model!.toState(NOW, 0).runners.map((runner) => runner.provenance),
      [provenance, provenance, provenance]
    )
  })

  for (const [when, more, lost] of [
    ['ended', [encodeRecord('finished', 'true', { at: NOW + 60_000 })], 1],
    ['went on', [], 0]
  ] as const)
    it(`calls a runner ${lost ? '' : 'not '}lost that was silent before the server, if the test ${when}`, async () => {
      const { model } = await recover(await makeJournal(runnerRecord('r'), ...more))
      model!.excuseRunners(NOW + 90_000)
      assert.equal(model!.countRunners(NOW + 90_000, 15_000).lost, lost)
    })

  it('starts no test that waits for its peers', () => {
    const model = new TestProgress(SETTINGS)
    model.apply({ ready: 'p', at: NOW })
    assert.deepEqual([model.state, model.toState(NOW, 0).peers.ready, model.nextFree], ['created', 1, NOW])
  })

  it('goes on with a test whose start is lost, even if it has results alone', () => {
    const model = new TestProgress(SETTINGS)
    model.apply({ results: sampleResults(0, 0, 1), peerId: 'p', at: NOW })
    assert.deepEqual([model.state, model.startedAt, model.startsAt], ['running', NOW, NOW])
  })

  it('takes no journal with a damaged first line for one that was never begun', async () => {
    const [first, second] = readFileSync(await makeJournal(), 'utf8').split('\n')
    const damaged = first!.replace('"seed":', '"sead":')
    for (const lines of [[damaged], ['\0'.repeat(40), '\0'.repeat(40)], [damaged, second], [second]])
      await assert.rejects(recoverFrom(`${lines.join('\n')}\n`), /its first line is damaged or missing/)
  })

  it('cuts off a torn last line, which was never acknowledged', async () => {
    const text = readFileSync(await makeJournal(), 'utf8')
    for (const tail of ['{"point":{"se', '\0'.repeat(99), '\0'.repeat(99) + '\n']) {
      const { model, torn, length } = await recoverFrom(text + tail)
      assert.equal(model!.damage, undefined)
      assert.deepEqual([torn, length], [tail.length, text.length])
    }
  })
})
