import fc from 'fast-check'
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { RoutineName } from '../../protocol/names'
import { ROUTINES } from './'
import type { Content, Position } from '../messages/comms-message'
import { Random, STREAMS } from '../randomness'
import type { RoutineDefinition, SimulatedPeer } from '../routine'
import { placeOf } from '../peer-slot'
import { distance } from './parts/places'

/** Records what a routine does to it; messages sent while it is away are lost. */
class NotedPeer implements SimulatedPeer {
  readonly moves: Position[] = []
  readonly sent: Record<Content['kind'], Content[]> = { position: [], profile: [], chat: [] }
  readonly skipped: [Content['kind'], number][] = []
  readonly comings: string[] = []
  isHere = true

  constructor(readonly number: number) {}

  moveTo(position: Position): void {
    this.moves.push(position)
  }
  send(content: Content): void {
    if (this.isHere) this.sent[content.kind].push(content)
  }
  skip(kind: Content['kind'], due: number): void {
    this.skipped.push([kind, due])
  }
  leave(): void {
    this.isHere = false
    this.comings.push(`leaves after ${this.sent.position.length} positions`)
  }
  comeBack(): void {
    this.isHere = true
    this.comings.push(`comes back after ${this.sent.position.length} positions`)
  }
}

/** Runs a routine up to `end` ms; its ticks come late by the values of `jitter` in turn. */
function play(name: RoutineName, seed: number, number: number, end: number, jitter: number[]): NotedPeer {
  const peer = new NotedPeer(number)
  const routine = ROUTINES[name].create({
    place: placeOf(seed, number),
    random: new Random(seed, STREAMS.routine, number),
    sendingRandom: new Random(seed, STREAMS.sending, number)
  })
  let elapsed = 0
  for (let tick = 0; elapsed < end; tick++) {
    const next = Math.min(end, elapsed + 16 + jitter[tick % jitter.length]!)
    routine(next, next - elapsed, peer)
    elapsed = next
  }
  return peer
}

describe('routines', () => {
  it('are all listed, under the name of their file', () => {
    const files = readdirSync(__dirname, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && /^(?!index|.*\.(test|d)\.).*\.[jt]s$/.test(entry.name))
      .map(({ name }) => name.replace(/\.[jt]s$/, ''))
    assert.deepEqual(Object.keys(ROUTINES).sort(), [...new Set(files)].sort())
  })

  for (const [name, { rates }] of Object.entries(ROUTINES) as [RoutineName, RoutineDefinition][]) {
    it(`${name} does the same whatever the ticks do`, () => {
      const jitter = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 20 })
      const seeds = fc.integer({ min: 0, max: 0xffffffff })
      fc.assert(
        fc.property(seeds, fc.nat(20_000), jitter, (seed, number, late) => {
          const calm = play(name, seed, number, 60_000, [0])
          const hasty = play(name, seed, number, 60_000, late)
          assert.deepEqual(hasty.sent, calm.sent)
          assert.deepEqual(hasty.comings, calm.comings)
          assert.deepEqual(hasty.moves.at(-1), calm.moves.at(-1))
        }),
        { numRuns: 20 }
      )
    })

    it(`${name} sends at its rates`, () => {
      if (name === 'churn') return
      const peer = play(name, 7, 3, 60_000, [0])
      for (const kind of ['position', 'profile', 'chat'] as const) {
        const sent = peer.sent[kind].length
        assert.ok(Math.abs(sent - 60 * rates[kind]) <= 1, `${kind}: ${sent}`)
      }
    })

    const reach = name === 'teleport' ? 64 : 32
    it(`${name} keeps peers within ${reach} m: ${reach === 32 ? 'one distance class' : 'one island'}`, () => {
      const peers = Array.from({ length: 100 }, (_, number) => play(name, 5, number, 60_000, [484]))
      const fromMiddle = peers.flatMap(({ moves }) => moves.map((place) => distance(place, [10, 0, 10])))
      assert.ok(Math.max(...fromMiddle) <= reach / 2, `${Math.max(...fromMiddle)}`)
    })
  }

  it('catch up on five messages of a kind after a freeze, and report which they skip', () => {
    const peer = play('stand', 7, 3, 2000, [1984])
    const { position } = peer.sent
    assert.equal(position.length, 5)
    assert.equal(peer.skipped.length, 15)
    assert.ok(peer.skipped.every(([kind, due]) => kind === 'position' && due < 1500))
  })

  it('do not run in step: the phases of two peers differ', () => {
    const firsts = [1, 2, 3, 4].map((number) => {
      const peer = new NotedPeer(number)
      const routine = ROUTINES.stand.create({
        place: [0, 0, 0],
        random: new Random(1, STREAMS.routine, number),
        sendingRandom: new Random(1, STREAMS.sending, number)
      })
      let elapsed = 0
      while (peer.sent.position.length === 0) routine(++elapsed, 1, peer)
      return elapsed
    })
    assert.equal(new Set(firsts).size, 4, firsts.join())
  })

  it('of churn stay 10 to 30 s and are away 2 to 6 s', () => {
    const peer = play('churn', 1, 1, 600_000, [0])
    assert.ok(peer.comings.length >= 2 * (600 / 36) - 2, `${peer.comings.length}`)
    assert.ok(peer.comings.length <= 2 * (600 / 12) + 2, `${peer.comings.length}`)
  })
})
