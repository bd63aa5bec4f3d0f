import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { PeerResults } from '../../../protocol/peer-results'

type PerKind = Record<MessageKind, number>

/** The most first arrivals of each sender's messages that any one peer reports. */
export class HeardTally {
  private readonly most = new Map<string, PerKind>()

  add(heard: PeerResults['heard']): void {
    for (const [sender, counts] of Object.entries(heard)) {
      const most = this.most.get(sender) ?? { position: 0, profile: 0, chat: 0 }
      this.most.set(sender, most)
      MESSAGE_KINDS.forEach((kind, index) => (most[kind] = Math.max(most[kind], counts[2 * index]!)))
    }
  }

  /**
   * Messages beyond those that their senders sent; at least, because a loss may hide one. `sentBy` returns
   * what a sender says, undefined if that is not known.
   */
  beyond(sentBy: (sender: string) => PerKind | undefined): number {
    let total = 0
    for (const [sender, most] of this.most) {
      const sent = sentBy(sender)
      for (const kind of sent ? MESSAGE_KINDS : []) total += Math.max(0, most[kind] - sent![kind])
    }
    return total
  }
}
