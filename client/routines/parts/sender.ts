/** The messages that a peer sends at a routine's rates. */
import type { Position } from '../../messages/comms-message'
import type { Random } from '../../randomness'
import { Pacer } from './pacer'
import type { Rates, SimulatedPeer } from '../../routine'

/** As Decentraland's client does: position every 100 ms, profile every second, chat every 10 s. */
export const USUAL_RATES: Rates = { position: 10, profile: 1, chat: 0.1 }
export const SILENT: Rates = { position: 0, profile: 0, chat: 0 }

const CHAT_LENGTH = 40

/** Sends what is due at `elapsed` ms. `positionAt` tells where the peer is at an instant, so that late ticks change nothing. */
export type Sender = (elapsed: number, peer: SimulatedPeer, positionAt: (elapsed: number) => Position) => void

/** The phases come from the seed, so that peers are not in step. */
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
    for (const at of position?.due(elapsed) ?? []) peer.send({ kind: 'position', position: positionAt(at) })
    profile?.due(elapsed).forEach(() => {
      peer.send({ kind: 'profile', version: '1', userId })
    })
    chat?.due(elapsed).forEach(() => {
      peer.send({ kind: 'chat', id: `${userId}-${++chats}`, text: random.letters(CHAT_LENGTH) })
    })
  }
}
