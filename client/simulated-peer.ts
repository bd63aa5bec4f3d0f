/** One simulated peer through the whole test: its routine, its place, and the mesh peers that it is one after the other. */
import { drawingFrom } from './library-randomness'
import { MeshPeer, type MeshSettings } from './mesh-peer'
import type { Content, Position } from './messages/comms-message'
import { peerIdOf, Random, STREAMS } from './randomness'
import { drawPlace, HOME_SIDE } from './routines/parts/places'
import type { Rates, Routine, RoutineDefinition, SimulatedPeer } from './routine'

export interface SimulationSettings extends MeshSettings {
  seed: number
  peerIdLength: number
}

/** What becomes of the mesh peers of a simulated one. */
export interface Lifecycle {
  /** A new one is in the room. */
  joined(peer: MeshPeer): void
  /** One is about to leave for good. */
  leaves(simulation: PeerSimulation, peer: MeshPeer): void
}

export class PeerSimulation implements SimulatedPeer {
  /** In the mesh, or on the way into it; undefined while the peer is away. */
  current: MeshPeer | undefined
  /** Where it is. */
  position: Position
  /** Messages a second that its routine owes. */
  readonly rates: Rates
  private incarnation = 0
  private readonly routine: Routine

  constructor(
    readonly number: number,
    readonly routineName: string,
    definition: RoutineDefinition,
    private readonly settings: SimulationSettings,
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

  /** Makes a new mesh peer of it, which begins to connect. */
  connect(): MeshPeer {
    const { seed, peerIdLength } = this.settings
    const incarnation = this.incarnation++
    const random = new Random(seed, STREAMS.library, this.number, incarnation)
    this.current = new MeshPeer(
      peerIdOf(seed, this.number, incarnation, peerIdLength),
      this.settings,
      drawingFrom(random, () => this.position)
    )
    return this.current
  }

  /** One step of the routine; ms since its start and since the last step. */
  tick(elapsed: number, delta: number): void {
    this.routine(elapsed, delta, this)
  }

  moveTo(position: Position): void {
    this.position = position
  }

  send(content: Content): void {
    if (this.current?.presence) this.current.send(content)
  }

  /** Says where it is, so that the mesh does not forget it. */
  keepAlive(): void {
    this.send({ kind: 'position', position: this.position })
  }

  leave(): void {
    const peer = this.current
    if (!peer) return
    this.current = undefined
    this.lifecycle.leaves(this, peer)
    peer.leave().catch((error: unknown) => {
      peer.noteError(`Could not leave properly: ${String(error)}`)
    })
  }

  comeBack(): void {
    if (this.current) return
    const peer = this.connect()
    peer.join().then(
      () => {
        if (this.current === peer) this.lifecycle.joined(peer)
      },
      (error: unknown) => {
        this.current?.noteError(`Could not come back: ${(error as Error).message}`)
      }
    )
  }
}

/** Where peer `number` begins. */
export function placeOf(seed: number, number: number): Position {
  return drawPlace(new Random(seed, STREAMS.place, number), HOME_SIDE)
}
