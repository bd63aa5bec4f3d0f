/** SCTP's receiving end. Acknowledges every second datagram, or immediately if a chunk is missing. */
import type { Event } from '../engine/event-queue'
import type { Thread } from '../engine/thread'
import { CLOSE } from './data-channel'
import { DCSCTP } from './dcsctp'
import type { Chunk, Message, SctpStream } from './sctp-stream'

export interface Ack {
  /** All chunks up to this number have arrived. */
  upTo: number
  /** Chunks beyond `upTo` that have arrived. */
  beyond: readonly number[]
}

/** Chunks, or the note that some will not come: of each stream, the last ordered message that is missing. */
export type Arrival = readonly Chunk[] | { upTo: number; skipped: Map<SctpStream, number> }

export class SctpReceiver {
  private upTo = 0
  private readonly early = new Set<number>()
  /** Channels close once everything sent before has arrived or is given up. */
  private closing: { number: number; message: Message }[] = []
  private unacknowledged = 0
  private timer: Event | undefined
  isStopped = false

  constructor(
    private readonly thread: Thread,
    private readonly acknowledge: (ack: Ack) => void
  ) {}

  receive(arrival: Arrival): void {
    const ready = 'upTo' in arrival ? this.skip(arrival) : this.receiveChunks(arrival)
    for (const { stream, packet } of [...ready, ...this.closed()])
      if (!this.isStopped && !stream.isCut) stream.deliver(packet)
  }

  stop(): void {
    this.isStopped = true
    this.timer?.cancel()
  }

  private receiveChunks(chunks: readonly Chunk[]): Message[] {
    const fresh = chunks.filter(({ number }) => number > this.upTo && !this.early.has(number))
    for (const { number } of fresh) this.early.add(number)
    this.advance()
    if (fresh.length < chunks.length || this.early.size > 0 || ++this.unacknowledged >= 2) this.report()
    else this.timer ??= this.thread.after(DCSCTP.longestAckDelay, () => this.report())
    return fresh.flatMap((chunk) => this.completed(chunk))
  }

  private completed({ number, message }: Chunk): Message[] {
    if (++message.arrived < message.chunks) return []
    if (message.packet === CLOSE) this.closing.push({ number, message })
    else if (message.order < 0) return [message]
    else message.stream.due.waiting.set(message.order, message)
    return inOrder(message.stream)
  }

  private skip({ upTo, skipped }: Exclude<Arrival, readonly Chunk[]>): Message[] {
    for (const number of this.early) if (number <= upTo) this.early.delete(number)
    this.upTo = Math.max(this.upTo, upTo)
    this.advance()
    this.report()
    return [...skipped].flatMap(([stream, last]) => inOrder(stream, last))
  }

  private closed(): Message[] {
    const due = this.closing.filter(({ number }) => number <= this.upTo)
    this.closing = this.closing.filter(({ number }) => number > this.upTo)
    return due.map(({ message }) => message)
  }

  private advance(): void {
    while (this.early.delete(this.upTo + 1)) this.upTo++
  }

  private report(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.unacknowledged = 0
    this.acknowledge({ upTo: this.upTo, beyond: [...this.early] })
  }
}

/** Takes out the messages whose turn it is. Those up to `last` will not come if they are not there. */
function inOrder({ due }: SctpStream, last = -1): Message[] {
  const ready: Message[] = []
  for (let next = due.waiting.get(due.next); next || due.next <= last; next = due.waiting.get(due.next)) {
    if (next) ready.push(next)
    due.waiting.delete(due.next++)
  }
  return ready
}
