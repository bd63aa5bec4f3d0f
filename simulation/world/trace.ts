/** Follows single messages through a mesh: who sent what when, and whom it reached. */
import type { MessageTrace } from '../../client/page/mesh-peer'
import { MESSAGE_KINDS, type MessageKind } from '../../protocol/names'

export class Trace implements MessageTrace {
  /** By sender. */
  readonly messages = new Map<string, { kind: MessageKind; time: number }[]>()
  /** By receiver and sender: the times of a kind's messages. */
  private readonly arrivals = new Map<string, Map<string, Set<number>[]>>()

  sent(sender: string, kind: MessageKind, time: number): void {
    const messages = this.messages.get(sender)
    if (messages) messages.push({ kind, time })
    else this.messages.set(sender, [{ kind, time }])
  }

  arrived(receiver: string, sender: string, kind: MessageKind, time: number): void {
    let senders = this.arrivals.get(receiver)
    if (!senders) this.arrivals.set(receiver, (senders = new Map<string, Set<number>[]>()))
    let times = senders.get(sender)
    if (!times) senders.set(sender, (times = MESSAGE_KINDS.map(() => new Set<number>())))
    times[MESSAGE_KINDS.indexOf(kind)]!.add(time)
  }

  reached(receiver: string, sender: string, kind: MessageKind, time: number): boolean {
    return this.arrivals.get(receiver)?.get(sender)?.[MESSAGE_KINDS.indexOf(kind)]!.has(time) ?? false
  }
}
