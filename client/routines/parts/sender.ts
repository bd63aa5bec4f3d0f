/** Sends a peer's messages at a routine's rates. */
import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { Content, Position } from '../../messages/comms-message'
import type { Random } from '../../randomness'
import { pacer } from './pacer'
import type { Rates, RoutineContext, RoutineDefinition, SimulatedPeer } from '../../routine'

/** Like Decentraland's client: position every 100 ms, profile every second, chat every 10 s. */
export const USUAL_RATES: Rates = { position: 10, profile: 1, chat: 0.1 }

const CHAT_LENGTH = 40
/** After a standstill, at most this many overdue messages of a kind are sent; older ones are skipped. */
const MAX_CATCH_UP = 5

/** Where the peer is at an instant, so that late ticks change nothing. */
type PositionAt = (elapsed: number) => Position

type Sender = (elapsed: number, peer: SimulatedPeer, positionAt: PositionAt) => void

/** A peer that is always where `positionIn` puts it, and sends at these rates. */
export function moving(
  positionIn: (context: RoutineContext) => PositionAt,
  rates = USUAL_RATES
): RoutineDefinition {
  return {
    rates,
    create(context) {
      const send = createSender(rates, context.sendingRandom)
      const positionAt = positionIn(context)
      return (elapsed, _delta, peer) => {
        peer.moveTo(positionAt(elapsed))
        send(elapsed, peer, positionAt)
      }
    }
  }
}

/** The phases come from the seed, so that peers do not send in step. */
export function createSender(rates: Rates, random: Random): Sender {
  const pacers = MESSAGE_KINDS.flatMap((kind) => {
    const [rate, phase] = [rates[kind], random.uniform(0, 1)]
    return rate > 0 ? [[kind, pacer(1000 / rate, (phase * 1000) / rate)] as const] : []
  })
  const userId = random.letters(12)
  let chats = 0

  const contentOf = (kind: MessageKind, at: number, positionAt: PositionAt): Content => {
    if (kind === 'position') return { kind, position: positionAt(at) }
    if (kind === 'profile') return { kind, version: '1', userId }
    return { kind, id: `${userId}-${++chats}`, text: random.letters(CHAT_LENGTH) }
  }

  return (elapsed, peer, positionAt) => {
    for (const [kind, dueUntil] of pacers) {
      const due = dueUntil(elapsed)
      due.forEach((at, index) => {
        if (index < due.length - MAX_CATCH_UP) peer.skip(kind, at)
        else peer.send(contentOf(kind, at, positionAt), at)
      })
    }
  }
}
