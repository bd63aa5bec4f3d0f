/**
 * A build behaves alike in real browsers and in the simulation, and so does a build with a fault: otherwise
 * the simulation could approve a build that fails in practice. It runs alone, because a late tick moves
 * messages across the edge of the measured time.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { copyWithFault, every, PLACES } from '../libraries/testing/planted-build'
import { hasSameLinks, likenessOf, type Counted, type Likeness } from '../simulation/likeness'
import { onQuietMachine } from './support/quiet'
import { runReal, runSimulated } from '../tools/benchmarks/both-engines'

const DROPS_EVERY_20TH = {
  name: 'every 20th packet is dropped',
  replace: [[PLACES.receive, `if (${every(20, 'plantedReceived')}) return; ${PLACES.receive}`]]
} as const

/** With this seed, no message is due within 30 ms of the beginning or the end of the measured time. */
const SETTING = { peers: 6, tabs: 2, routine: 'stand', seed: 6241, duration: 8 } as const
const LATEST_TICK_MS = 30
const ATTEMPTS = 3

/** Which packets are dropped depends on the order in which they arrive, which differs in real browsers. */
const TOLERANCE = 0.01

describe('The simulation and real browsers', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'likeness-'))
  })
  after(async () => {
    await rm(folder, { recursive: true })
  })

  it('agree on a sound build: the same links and the same counts', () =>
    onQuietMachine(async () => {
      const likeness = await runBothUndisturbed('layers', folder)
      assert.ok(hasSameLinks(likeness), JSON.stringify(likeness.links))
      assert.deepEqual(unequal(likeness.messages), [])
      assert.equal(likeness.unlikePairs, 0, 'pairs of sender and receiver')
    }))

  it('lose the same share of messages with a build that drops every 20th packet', () =>
    onQuietMachine(async () => {
      const planted = await copyWithFault(DROPS_EVERY_20TH, join(folder, 'planted'))
      const likeness = await runBothUndisturbed(planted, folder)
      assert.ok(hasSameLinks(likeness), JSON.stringify(likeness.links))
      assert.deepEqual(unequal(likeness.messages.filter(({ name }) => name === 'sent')), [])
      const [here, there] = [lossOf(likeness.real), lossOf(likeness.simulated)]
      for (const loss of [here, there]) assert.ok(loss > 0.03 && loss < 0.06, `${here} and ${there} are lost`)
      assert.ok(Math.abs(here - there) <= TOLERANCE, `${here} and ${there} are lost`)
    }))
})

/** If the machine held up a tick for too long, the real run says nothing about the build: it is repeated. */
async function runBothUndisturbed(library: string, folder: string): Promise<Likeness> {
  for (let attempt = 1; ; attempt++) {
    const setting = { ...SETTING, library }
    const result = likenessOf(await runReal(setting, folder), await runSimulated(setting))
    const latest = result.real.ticks.lateness!.max
    if (latest < LATEST_TICK_MS) return result
    if (attempt === ATTEMPTS)
      throw new Error(`void: in each of ${ATTEMPTS} runs a tick was late, by ${latest} ms`)
  }
}

function unequal(counts: readonly Counted[]): readonly Counted[] {
  return counts.filter(({ real, simulated }) => real !== simulated)
}

function lossOf({ received, expected }: Likeness['real']): number {
  return 1 - received.all / expected.all
}
