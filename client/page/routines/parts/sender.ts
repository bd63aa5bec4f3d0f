/** Sends a peer's messages at a routine's rates. */
import type { MessageKind } from '../../../../protocol/names'
import type { Content, Position } from '../../messages/comms-message'
import type { Random } from '../../randomness'
import { Pacer } from './pacer'
import type { Rates, SimulatedPeer } from '../../routine'

/** Like Decentraland's client: position every 100 ms, profile every second, chat every 10 s. */
export const USUAL_RATES: Rates = { position: 10, profile: 1, chat: 0.1 }

const CHAT_LENGTH = 40
/** After a standstill, at most this many overdue messages of a kind are sent; older ones are skipped. */
const MAX_CATCH_UP = 5

/**
 * Sends what is due at `elapsed` ms. `positionAt` returns where the peer is at an instant, so late ticks
 * change nothing.
 */
export type Sender = (elapsed: number, peer: SimulatedPeer, positionAt: (elapsed: number) => Position) => void

/** The phases come from the seed, so that peers do not send in step. */
export function createSender(rates: Rates, random: Random): Sender {
  const pacerOf = (rate: number) => {
    const phase = random.uniform(0, 1)
    return rate > 0 ? new Pacer(1000 / rate, (phase * 1000) / rate) : undefined
  }
  const position = pacerOf(rates.position)
  const profile = pacerOf(rates.profile)
  const chat = pacerOf(rates.chat)
  const userId = random.letters(12)
  let chats = 0

  return (elapsed, peer, positionAt) => {
    const sendDue = (kind: MessageKind, pacer: Pacer | undefined, content: (at: number) => Content) => {
      const due = pacer?.due(elapsed) ?? []
      due.forEach((at, index) => {
        if (index < due.length - MAX_CATCH_UP) peer.skip(kind, at)
        else peer.send(content(at), at)
      })
    }
    sendDue('position', position, (at) => ({ kind: 'position', position: positionAt(at) }))
    sendDue('profile', profile, () => ({ kind: 'profile', version: '1', userId }))
    sendDue('chat', chat, () => ({
      kind: 'chat',
      id: `${userId}-${++chats}`,
      text: random.letters(CHAT_LENGTH)
    }))
  }
}
