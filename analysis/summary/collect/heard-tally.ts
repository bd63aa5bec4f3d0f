import { forEachKind, MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { PeerResults } from '../../../protocol/peer-results'

/** The most first arrivals of each sender's messages that any one peer reports. */
export class HeardTally {
  private readonly most = new Map<string, Record<MessageKind, number>>()

  add(heard: PeerResults['heard']): void {
    for (const [sender, counts] of Object.entries(heard)) {
      const most = this.most.get(sender) ?? forEachKind(() => 0)
      this.most.set(sender, most)
      MESSAGE_KINDS.forEach((kind, index) => (most[kind] = Math.max(most[kind], counts[2 * index]!)))
    }
  }

  /**
   * Messages beyond those that their senders sent; at least, because a loss may hide one. `sentBy` returns
   * what a sender says, undefined if that is not known.
   */
  beyond(sentBy: (sender: string) => Record<MessageKind, { sent: number }> | undefined): number {
    let total = 0
    for (const [sender, most] of this.most) {
      const counts = sentBy(sender)
      for (const kind of counts ? MESSAGE_KINDS : []) total += Math.max(0, most[kind] - counts![kind].sent)
    }
    return total
  }
}
