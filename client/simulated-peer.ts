/** One simulated peer through the whole test: its routine, its place, and the mesh peers that it is one after the other. */
import { MeshPeer, type MeshSettings } from './mesh-peer'
import type { Content, Position } from './messages/comms-message'
import { peerIdOf, Random, STREAMS } from './randomness'
import type { Rates, Routine, RoutineDefinition, SimulatedPeer } from './routines/routine'

/** Peers begin in a square of this side, in metres: near enough for one island, and for one distance class in layers. */
const SPAWN_SIDE = 20

export interface SimulationSettings extends MeshSettings {
  seed: number
  peerIdLength: number
}

/** What becomes of the mesh peers of a simulated one. */
export interface Lifecycle {
  /** A new one is in the room. */
  joined(peer: MeshPeer): void
  /** One has left for good. */
  left(simulation: PeerSimulation, peer: MeshPeer): void
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

  /** Connects to the mesh. Rejects with one line where it cannot. */
  async join(): Promise<MeshPeer> {
    const { seed, peerIdLength } = this.settings
    const peer = new MeshPeer(
      peerIdOf(seed, this.number, this.incarnation++, peerIdLength),
      this.settings,
      () => this.position
    )
    this.current = peer
    await peer.join()
    return peer
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
    void peer.leave().finally(() => {
      this.lifecycle.left(this, peer)
    })
  }

  comeBack(): void {
    if (this.current) return
    this.join().then(
      (peer) => {
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
  const random = new Random(seed, STREAMS.place, number)
  return [random.uniform(0, SPAWN_SIDE), 0, random.uniform(0, SPAWN_SIDE)]
}
