/** One simulated peer throughout the test: routine, position, and its mesh peers, one after the other. */
import type { MessageKind } from '../protocol/names'
import { drawingFrom } from './library-randomness'
import { MeshPeer, type MeshSettings } from './mesh-peer'
import type { Content, Position } from './messages/comms-message'
import { TICK_MS } from './measurement/ticks'
import { peerIdOf, Random, STREAMS } from './randomness'
import { drawPlace, HOME_SIDE } from './routines/parts/places'
import type { Rates, Routine, RoutineDefinition, SimulatedPeer } from './routine'
import { thrownText } from './thrown-text'

/** A real Lighthouse may lose a peer once; islands have it back within 13 s (awaiting-island.ts). */
const OVERDUE_MS = 15_000

export interface SlotSettings extends MeshSettings {
  seed: number
  peerIdLength: number
  /** Id of the test, mixed into the peers' ids when the Lighthouse outlives the test. */
  idsOfTest: string | undefined
}

/** Called when a mesh peer of this slot joins, leaves or fails to do so. */
export interface Lifecycle {
  joined(peer: MeshPeer): void
  leaves(slot: PeerSlot, peer: MeshPeer): void
  /** A peer cannot come back, or leave, or its routine rejects: it has no results to say so, or no longer. */
  failed(error: string): void
}

export class PeerSlot implements SimulatedPeer {
  /** The mesh peer that is in the mesh or on its way into it; undefined while the peer is away. */
  current: MeshPeer | undefined
  position: Position
  /** Messages per second that the routine has to send. */
  readonly rates: Rates
  /** What the routine threw, in one line. */
  mistake: string | undefined
  private incarnation = 0
  /** When a peer set out to come back, by `performance.now()`; Infinity while none is on its way. */
  private setOutAt = Infinity
  /** The last step: ms since the routine's start, and its instant on the `performance.now()` clock. */
  private step = { elapsed: 0, instant: 0 }
  /** One that is asynchronous returns a promise, which may reject when all routines are over. */
  private readonly routine: (...given: Parameters<Routine>) => unknown

  constructor(
    readonly number: number,
    readonly routineName: string,
    definition: RoutineDefinition,
    private readonly settings: SlotSettings,
    private readonly lifecycle: Lifecycle
  ) {
    this.position = placeOf(settings.seed, number)
    this.rates = definition.rates
    this.routine = definition.create({
      random: new Random(settings.seed, STREAMS.routine, number),
      sendingRandom: new Random(settings.seed, STREAMS.sending, number),
      place: this.position
    })
  }

  connect(): MeshPeer {
    const { seed, peerIdLength, idsOfTest } = this.settings
    const incarnation = this.incarnation++
    const random = new Random(seed, STREAMS.library, this.number, incarnation)
    this.current = new MeshPeer(
      peerIdOf(seed, this.number, incarnation, peerIdLength, idsOfTest),
      this.settings,
      drawingFrom(random, () => this.position)
    )
    return this.current
  }

  /** `elapsed` and `delta` are ms; `instant` is the one the step stands for, by `performance.now()`. */
  tick(elapsed: number, delta: number, instant = performance.now()): void {
    this.step = { elapsed, instant }
    try {
      const result = this.routine(elapsed, delta, this)
      if (result instanceof Promise)
        result.catch((error: unknown) => this.lifecycle.failed(this.blame(error)))
    } catch (error) {
      this.blame(error)
    }
  }

  private readonly blame = (error: unknown) =>
    (this.mistake ??= `client/routines/${this.routineName}.ts threw: ${thrownText(error)}`)

  moveTo(position: Position): void {
    if (!position.every(Number.isFinite)) throw new RangeError(`there is no place ${position.join()}`)
    this.position = position
  }

  send(content: Content, due = this.step.elapsed): void {
    if (this.current?.presence) this.current.send(content, this.lateness(due))
  }

  skip(kind: MessageKind, due: number): void {
    if (this.current?.presence) this.current.skip(kind, this.lateness(due))
  }

  keepAlive(): void {
    if (this.current?.presence) this.current.keepAlive(this.position)
  }

  leave(hasDied = false): void {
    const peer = this.current
    if (!peer) return
    this.reportOverdue()
    this.setOutAt = Infinity
    this.current = undefined
    this.part(peer, hasDied).catch((error: unknown) =>
      this.lifecycle.failed(`Peer ${this.number} could not leave properly: ${thrownText(error)}`)
    )
  }

  private async part(peer: MeshPeer, hasDied: boolean): Promise<void> {
    // What it has sent in this very step reaches others, so its results must count it.
    if (peer.isSending) await peer.awaitSends()
    this.lifecycle.leaves(this, peer)
    if (!hasDied) await peer.libraryPeer.dispose()
  }

  /** ms since the first step after `due`: routines run in steps, and the wait for one is no lateness. */
  private lateness(due: number): number {
    const { elapsed, instant } = this.step
    const missedSteps = Math.max(0, Math.floor((elapsed - due) / TICK_MS))
    return Math.max(0, performance.now() - instant) + missedSteps * TICK_MS
  }

  comeBack(): void {
    if (this.current) return
    this.setOutAt = performance.now()
    let peer: MeshPeer | undefined
    // The library may refuse to make it: that is no error of the routine.
    const joining = async () => (peer = this.connect()).join()
    joining().then(
      () => {
        if (this.current !== peer) return
        this.setOutAt = Infinity
        this.lifecycle.joined(peer!)
      },
      (error: unknown) => {
        if (this.current === peer) this.fail(thrownText(error))
      }
    )
  }

  /** Reports a peer that has been on its way back for too long: the test may end before it is refused. */
  reportOverdue(): void {
    if (performance.now() - this.setOutAt > OVERDUE_MS)
      this.fail(`it was not there after ${OVERDUE_MS / 1000} s`)
  }

  private fail(why: string): void {
    if (this.setOutAt === Infinity) return
    this.setOutAt = Infinity
    this.lifecycle.failed(`Peer ${this.number} could not come back: ${why}`)
  }
}

export const placeOf = (seed: number, number: number): Position =>
  drawPlace(new Random(seed, STREAMS.place, number), HOME_SIDE)
