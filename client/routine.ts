/** What a routine is: the behaviour of one simulated peer. */
import type { MessageKind } from '../protocol/names'
import type { Content, Position } from './messages/comms-message'
import type { Random } from './randomness'

/** What a routine may do with its peer. */
export interface SimulatedPeer {
  /** The peer's number in the whole test. */
  readonly number: number
  moveTo(position: Position): void
  /** Sends a message to the room, if the peer is there. */
  send(content: Content): void
  /** Leaves the mesh. */
  leave(): void
  /** Joins again, as a new peer of another id. */
  comeBack(): void
}

/**
 * Called about 60 times a second, with ms since the routine's start and ms since the last call. What it does must depend on `elapsed`
 * and its seeded numbers alone, not on how often it is called, so that the same seed gives the same test.
 */
export type Routine = (elapsed: number, delta: number, peer: SimulatedPeer) => void

/** Messages a second, by kind. */
export type Rates = Record<MessageKind, number>

/** What a routine gets to draw its numbers and to find its place. */
export interface RoutineContext {
  /** For the behaviour: its own stream of the seed. */
  random: Random
  /** For the phases of the periods and the texts. */
  sendingRandom: Random
  /** Where the peer begins. */
  place: Position
}

export interface RoutineDefinition {
  /** One line for `--help` and docs/routines.md. */
  description: string
  /** Messages that it owes: the expected number is derived from them. */
  rates: Rates
  create(context: RoutineContext): Routine
}
