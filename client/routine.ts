/** Defines a routine: the behaviour of one simulated peer. */
import type { MessageKind } from '../protocol/names'
import type { Content, Position } from './messages/comms-message'
import type { Random } from './randomness'

/** What a routine may do with its peer. */
export interface SimulatedPeer {
  /** The peer's number within the whole test. */
  readonly number: number
  moveTo(position: Position): void
  /** To the room, if the peer is in it. `due`, in ms from the routine's start, is now by default. */
  send(content: Content, due?: number): void
  /** Records that a message due at `due` is not sent because the routine is too far behind. */
  skip(kind: MessageKind, due: number): void
  leave(): void
  /** Joins again as a new peer with another id. */
  comeBack(): void
}

/**
 * Called about 60 times a second, with the ms since the routine's start and since the last call. What it does
 * must depend only on `elapsed` and its seeded numbers, not on how often it is called: the same seed gives
 * the same test.
 */
export type Routine = (elapsed: number, delta: number, peer: SimulatedPeer) => void

/** Messages per second, by kind. */
export type Rates = Record<MessageKind, number>

/** What a routine receives: random numbers and the peer's place. */
export interface RoutineContext {
  /** Random numbers for the behaviour, from their own stream of the seed. */
  random: Random
  /** Random numbers for the phases of the periods and for texts. */
  sendingRandom: Random
  /** Where the peer starts. */
  place: Position
}

export interface RoutineDefinition {
  /** Messages that the routine has to send; the expected number of messages is derived from them. */
  rates: Rates
  create(context: RoutineContext): Routine
}
