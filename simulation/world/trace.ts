/** Follows single messages through a mesh: who sent what when, and whom it reached. */
import type { MessageTrace } from '../../client/mesh-peer'
import type { MessageKind } from '../../protocol/names'

export class Trace implements MessageTrace {
  /** By sender. */
  readonly messages = new Map<string, { kind: MessageKind; time: number }[]>()
  /** Times of the messages that arrived, by receiver, sender and kind. */
  private readonly arrivals = new Map<string, Set<number>>()

  sent(sender: string, kind: MessageKind, time: number): void {
    const messages = this.messages.get(sender)
    if (messages) messages.push({ kind, time })
    else this.messages.set(sender, [{ kind, time }])
  }

  arrived(receiver: string, sender: string, kind: MessageKind, time: number): void {
    const key = `${receiver} ${sender} ${kind}`
    this.arrivals.set(key, (this.arrivals.get(key) ?? new Set<number>()).add(time))
  }

  reached(receiver: string, sender: string, kind: MessageKind, time: number): boolean {
    return this.arrivals.get(`${receiver} ${sender} ${kind}`)?.has(time) ?? false
  }
}
