/** Journals damaged on purpose: losses are reported, and everything else is kept. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../../protocol/limits'
import type { RunnerProvenance } from '../../protocol/runner-sample'
import { sampleRunner } from '../testing/sample-data'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'
import { encodeRecord } from './records'
import { recover } from './recovery'

const NOW = 1.79e12
const POINTS = 20

/**
 * A journal of a test with {@link POINTS} points, one per line: lines 0 (created) and 1 (started), then the
 * points.
 */
async function makeJournal(): Promise<string> {
  const path = join(temporaryFolder(), 'x.journal')
  const journal = await Journal.create(path, 'write')
  const settings = { id: 'x', createdAt: NOW, warmup: 5, seed: 1, labels: {}, thresholds: [] }
  await journal.append(encodeRecord('created', JSON.stringify(settings), { at: NOW }))
  await journal.append(encodeRecord('started', `{"startedAt":${NOW},"startsAt":${NOW}}`, { at: NOW }))
  for (let sequence = 0; sequence < POINTS; sequence++)
    await journal.append(encodeRecord('point', '{"sent":3}', { peerId: 'p', sequence, at: NOW + sequence }))
  await journal.close()
  return path
}

async function recoverFrom(text: string | Buffer) {
  const path = join(temporaryFolder(), 'x.journal')
  writeFileSync(path, text)
  return recover(path, NOW)
}

/** Lines as written by versions before checksums. */
const withoutChecksums = (text: string) => text.replace(/,"n":\d+,"crc":"[0-9a-f]{8}"\}/g, '}')

describe('recover', () => {
  it('finds no fault in a whole journal, or in one of an earlier version', async () => {
    const text = readFileSync(await makeJournal(), 'utf8')
    for (const whole of [text, withoutChecksums(text)]) {
      const { model, torn, length } = await recoverFrom(whole)
      assert.equal(model!.pointCount, POINTS)
      assert.equal(model!.damage, undefined)
      assert.deepEqual([torn, length], [0, whole.length])
    }
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
      // The journal continues after the damage without a second one.
      const path = join(temporaryFolder(), 'x.journal')
      writeFileSync(path, `${lines.join('\n')}\n`)
      const journal = await Journal.reopen(path, 'write', length, nextNumber)
      await journal.append(encodeRecord('point', '{"sent":3}', { peerId: 'p', sequence: 99, at: NOW + 99 }))
      await journal.close()
      const again = (await recover(path, NOW)).model!
      assert.equal(again.pointCount, model!.pointCount + 1)
      assert.equal(again.damage?.split(' ')[0], told.split(' ')[0])
    })

  it('keeps the provenance of all runners, even if it is more than a test takes', async () => {
    const text = readFileSync(await makeJournal(), 'utf8')
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
    const told = ['r1', 'r2', 'r3'].map((runnerId) =>
      JSON.stringify({ runner: sampleRunner(0, { provenance }), runnerId, firstPeerNumber: 0, at: NOW + 99 })
    )
    const { model } = await recoverFrom(`${withoutChecksums(text)}${told.join('\n')}\n`)
    assert.deepEqual(
      model!.toState(NOW, 0).runners.map((runner) => runner.provenance),
      [provenance, provenance, provenance]
    )
  })

  for (const [when, finished, lost] of [
    ['ended', `{"finished":true,"at":${NOW + 60_000}}\n`, 1],
    ['went on', '', 0]
  ] as const)
    it(`calls a runner ${lost ? '' : 'not '}lost that was silent before the server, if the test ${when}`, async () => {
      const text = withoutChecksums(readFileSync(await makeJournal(), 'utf8'))
      const runner = { runner: sampleRunner(0), runnerId: 'r', firstPeerNumber: 0, at: NOW + 99 }
      const { model } = await recoverFrom(`${text}${JSON.stringify(runner)}\n${finished}`)
      model!.excuseRunners(NOW + 90_000)
      assert.equal(model!.countRunners(NOW + 90_000, 15_000).lost, lost)
    })

  it('refuses a time that is centuries ahead, even without a checksum', async () => {
    const text = withoutChecksums(readFileSync(await makeJournal(), 'utf8'))
    const { model } = await recoverFrom(text.replace(`"at":${NOW + 7}`, `"at":9${NOW + 7}`))
    assert.match(model!.damage!, /^1 of 22 records/)
    assert.ok(model!.nextFree < NOW + 1000)
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
