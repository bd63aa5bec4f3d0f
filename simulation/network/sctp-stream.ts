/** The sending end of one channel in an SCTP association: its messages, cut into chunks. */
import type { Thread } from '../engine/thread'
import { CLOSE, lengthOf, OPEN, type Reliability, type Sent, type Transport } from './data-channel'
import { DCSCTP, HEADER_BYTES } from './dcsctp'

export interface Message {
  stream: SctpStream
  packet: Sent
  /** Of the packet. */
  bytes: number
  isOrdered: boolean
  /** Position among the ordered messages of its stream that were sent; -1 for others. */
  order: number
  maxRetransmits: number
  /** Virtual time in ms. */
  expiresAt: number
  /** Chunks that have arrived, of all. */
  arrived: number
  chunks: number
  isAbandoned: boolean
}

export class Chunk {
  number = 0
  sentAt = 0
  /** Number of reports that later chunks have arrived but this one has not. */
  missed = 0
  attempts = 0
  isLost = false

  /** `bytes`: of a datagram of its own. */
  constructor(
    readonly message: Message,
    readonly isLast: boolean,
    readonly bytes: number
  ) {}
}

export class SctpStream implements Transport {
  bufferedAmount = 0
  onSent?: () => void
  isCut = false
  /** At the receiving end: the next ordered message, and the ones that arrived before it. */
  readonly due = { next: 0, waiting: new Map<number, Message>() }
  private readonly unsent: Message[] = []
  /** Chunks of the first unsent message that have been sent. */
  private begun = 0
  private nextOrder = 0
  private hasSent = false

  constructor(
    private readonly thread: Thread,
    private readonly reliability: Reliability,
    readonly deliver: (packet: Sent) => void,
    private readonly queue: (stream: SctpStream) => void
  ) {}

  send(packet: Sent): void {
    const { ordered, maxRetransmits, maxPacketLifeTime } = this.reliability
    // What opens and closes a channel is always reliable (RFC 8832).
    const isControl = packet === OPEN || packet === CLOSE
    const bytes = typeof packet === 'symbol' ? 0 : lengthOf(packet)
    this.bufferedAmount += bytes
    this.unsent.push({
      stream: this,
      packet,
      bytes,
      isOrdered: ordered && packet !== CLOSE,
      order: -1,
      maxRetransmits: isControl ? Infinity : maxRetransmits,
      // The last millisecond counts, as in dcSCTP.
      expiresAt: isControl ? Infinity : this.thread.time.now + maxPacketLifeTime + 1,
      arrived: 0,
      chunks: Math.max(1, Math.ceil(bytes / DCSCTP.mostPerChunk)),
      isAbandoned: false
    })
    this.queue(this)
  }

  cut(): void {
    this.isCut = true
    this.unsent.length = 0
  }

  /** The next chunk to send. Messages that expired before that are dropped. */
  takeChunk(): Chunk | undefined {
    for (let message = this.unsent[0]; message; message = this.unsent[0]) {
      const { chunks, isAbandoned, expiresAt } = message
      const isStale = isAbandoned || (this.begun === 0 && this.thread.time.now >= expiresAt)
      // Not before, as in dcSCTP: the receiver would wait for the number of a message that expired here.
      if (!isStale && this.begun === 0 && message.isOrdered) message.order = this.nextOrder++
      const from = this.begun * DCSCTP.mostPerChunk
      const bytes = isStale ? message.bytes - from : Math.min(message.bytes - from, DCSCTP.mostPerChunk)
      const isLast = isStale || ++this.begun === chunks
      this.bufferedAmount -= bytes
      this.hasSent = true
      if (isLast) {
        this.unsent.shift()
        this.begun = 0
      }
      if (!isStale) return new Chunk(message, isLast, bytes + HEADER_BYTES)
    }
    return undefined
  }

  /** Tells the channel if bytes have left the queue. */
  noteSent(): void {
    if (this.hasSent) this.onSent?.()
    this.hasSent = false
  }
}
