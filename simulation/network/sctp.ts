/**
 * One direction of an SCTP association over a lossy link, as in dcSCTP. A lost chunk is sent again after
 * three reports of its loss or when the timer expires, unless its channel gives up on it before
 * (partial reliability, RFC 3758). An ordered channel holds back what follows a message until it arrives or
 * is given up; other channels do not wait for it.
 *
 * Not modelled: the receiver's window, association set-up, and acknowledgements within datagrams of the other
 * direction.
 */
import type { Event } from '../engine/event-queue'
import type { Thread } from '../engine/thread'
import { ABORTED, type Association, type Reliability, type Sent, type Transport } from './data-channel'
import { Line, type Way } from './line'
import { ACK_BYTES, DCSCTP, PACKET_BYTES } from './dcsctp'
import { SctpReceiver, type Ack, type Arrival } from './sctp-receiver'
import { SctpStream, type Chunk, type Message } from './sctp-stream'

export interface SctpEnds {
  sender: Thread
  receiver: Thread
  forward: Way
  back: Way
  /** ms for which each chunk, or other arrival, keeps the receiver busy. */
  cost?: number
}

type Data = Arrival | typeof ABORTED

export class Sctp implements Association {
  private readonly streams: SctpStream[] = []
  /** Streams with unsent messages; each sends one message in turn. */
  private waiting: SctpStream[] = []
  private readonly outstanding = new Map<number, Chunk>()
  /** Chunks of the next datagram, and its bytes so far. */
  private readonly bundle: Chunk[] = []
  private bundled = 0
  private inFlight = 0
  private nextNumber = 1
  private window: number = DCSCTP.initialWindow
  private threshold = Infinity
  private acknowledgedBytes = 0
  private recoversUntil = 0
  private rto: number = DCSCTP.initialRto
  /** How often the timer has run out since it last started anew. */
  private expirations = 0
  private roundTrip: number | undefined
  private variance = 0
  private timer: Event | undefined
  private noForwardBefore = 0
  /** Cut or aborted: it sends nothing any more. */
  private isOver = false
  onAbort?: () => void
  private readonly data: Line<Data>
  private readonly far: SctpReceiver

  constructor(private readonly ends: SctpEnds) {
    const { sender, receiver, forward, back, cost } = ends
    const acks = new Line<Ack>(sender, back, (ack) => this.hear(ack))
    this.far = new SctpReceiver(receiver, (ack) => acks.send(ack, ACK_BYTES))
    this.data = new Line<Data>(receiver, forward, (data) => this.arrive(data), cost)
  }

  open(reliability: Reliability, deliver: (packet: Sent) => void): Transport {
    const stream = new SctpStream(this.ends.sender, reliability, deliver, (opened) => this.queue(opened))
    this.streams.push(stream)
    return stream
  }

  /** Chromium's transport sends its ABORT once, and repeats nothing afterwards. */
  abort(): void {
    if (this.isOver) return
    this.isOver = true
    this.timer?.cancel()
    this.data.send(ABORTED, ACK_BYTES)
  }

  deafen(): void {
    this.far.stop()
  }

  private arrive(data: Data): void {
    if (this.far.isStopped) return
    if (data === ABORTED) {
      this.deafen()
      this.onAbort?.()
      for (const stream of this.streams) if (!stream.isCut) stream.deliver(ABORTED)
    } else {
      this.far.receive(data)
      const { receiver, cost } = this.ends
      // Those beyond the first in a datagram, whose arrival cost as much as one.
      if (cost && 'length' in data) data.slice(1).forEach(() => receiver.after(0, () => undefined, cost))
    }
  }

  cut(): void {
    this.isOver = true
    this.timer?.cancel()
    this.data.cut()
    this.far.stop()
  }

  private get now(): number {
    return this.ends.sender.time.now
  }

  private queue(stream: SctpStream): void {
    if (this.isOver) return
    if (!this.waiting.includes(stream)) this.waiting.push(stream)
    this.transmit()
  }

  /** Sends lost chunks first, then new ones, as far as the window allows. */
  private transmit(): void {
    const lost = [...this.outstanding.values()].filter((chunk) => chunk.isLost && this.isKept(chunk))
    while (lost[0] && (this.inFlight === 0 || this.inFlight + lost[0].bytes <= this.window))
      this.put(lost.shift()!)
    while (lost.length === 0 && this.inFlight < this.window) {
      const chunk = this.nextChunk()
      if (!chunk) break
      chunk.number = this.nextNumber++
      this.outstanding.set(chunk.number, chunk)
      this.put(chunk)
    }
    this.flush()
    for (const stream of this.streams) stream.noteSent()
  }

  private nextChunk(): Chunk | undefined {
    for (let stream = this.waiting[0]; stream; stream = this.waiting[0]) {
      const chunk = stream.takeChunk()
      if (!chunk || chunk.isLast) this.waiting.shift()
      if (chunk?.isLast) this.waiting.push(stream)
      if (chunk) return chunk
    }
    return undefined
  }

  private put(chunk: Chunk): void {
    chunk.isLost = false
    chunk.missed = 0
    chunk.attempts++
    chunk.sentAt = this.now
    this.inFlight += chunk.bytes
    if (this.bundled + chunk.bytes > DCSCTP.largestDatagram + PACKET_BYTES) this.flush()
    this.bundled += chunk.bytes - (this.bundle.length > 0 ? PACKET_BYTES : 0)
    this.bundle.push(chunk)
    if (!this.timer) this.startTimer()
  }

  private flush(): void {
    if (this.bundle.length > 0) this.data.send(this.bundle.splice(0), this.bundled)
    this.bundled = 0
  }

  private startTimer(): void {
    this.timer?.cancel()
    this.timer = undefined
    // What has left the queue may have been told to its page, which closed the connection.
    if (this.isOver || this.outstanding.size === 0) return
    const { rto, expirations } = this
    const pause = expirations === 0 ? rto : Math.min(rto * 2 ** expirations, DCSCTP.mostBackoff)
    this.timer = this.ends.sender.after(pause, () => this.expire())
  }

  /** https://www.rfc-editor.org/rfc/rfc9260#section-6.3.3, but as in dcSCTP only the timer backs off. */
  private expire(): void {
    this.threshold = Math.max(this.window / 2, DCSCTP.leastWindow)
    this.window = DCSCTP.mtu
    this.acknowledgedBytes = 0
    this.expirations++
    for (const chunk of this.outstanding.values()) this.lose(chunk)
    this.forward()
    this.transmit()
    this.startTimer()
  }

  private hear({ upTo, beyond }: Ack): void {
    if (this.isOver) return
    const wasFull = this.inFlight + DCSCTP.mtu > this.window
    let newly = 0
    let highest = 0
    let advanced = false
    const settle = (chunk: Chunk) => {
      this.outstanding.delete(chunk.number)
      if (chunk.message.isAbandoned) return
      if (!chunk.isLost) this.inFlight -= chunk.bytes
      newly += chunk.bytes
      highest = Math.max(highest, chunk.number)
    }
    const last = this.outstanding.get(upTo)
    // Karn's rule: the acknowledgement of a retransmitted chunk says nothing about the round trip.
    if (last?.attempts === 1 && beyond.length === 0) this.measure(this.now - last.sentAt)
    for (const chunk of this.outstanding.values()) {
      if (chunk.number > upTo) break
      settle(chunk)
      advanced = true
    }
    for (const chunk of beyond.map((number) => this.outstanding.get(number))) if (chunk) settle(chunk)
    if (advanced) this.expirations = 0
    if (advanced && this.recoversUntil <= upTo) this.recoversUntil = 0
    if (advanced && this.recoversUntil === 0) this.grow(newly, wasFull)
    if (advanced) this.startTimer()
    // During recovery, each report that advances counts for all gaps.
    this.countMissed(advanced && this.recoversUntil > 0 ? Math.max(highest, ...beyond) : highest)
    this.forward()
    this.transmit()
  }

  private grow(acknowledged: number, wasFull: boolean): void {
    if (!wasFull) return
    if (this.window <= this.threshold) {
      this.window += Math.min(acknowledged, DCSCTP.mtu)
      return
    }
    this.acknowledgedBytes += acknowledged
    if (this.acknowledgedBytes < this.window) return
    this.acknowledgedBytes -= this.window
    this.window += DCSCTP.mtu
  }

  /**
   * Fast retransmit: https://www.rfc-editor.org/rfc/rfc9260#section-7.2.4, but as in dcSCTP reports count anew
   * after each retransmission, even those on what was sent before it.
   */
  private countMissed(highest: number): void {
    let first: Chunk | undefined
    let isAnyLost = false
    for (const chunk of this.outstanding.values()) {
      if (chunk.number >= highest) break
      if (chunk.isLost || chunk.message.isAbandoned) continue
      if (++chunk.missed < DCSCTP.reportsOfLoss) continue
      isAnyLost = true
      if (this.lose(chunk)) first ??= chunk
    }
    if (!isAnyLost || this.recoversUntil > 0) return
    this.threshold = Math.max(this.window / 2, DCSCTP.leastWindow)
    this.window = this.threshold
    this.acknowledgedBytes = 0
    this.recoversUntil = this.nextNumber - 1
    if (!first) return
    // The first one is sent immediately, whatever the window says.
    this.put(first)
    this.startTimer()
  }

  /** Returns whether the chunk will be sent again: otherwise its whole message is abandoned. */
  private lose(chunk: Chunk): boolean {
    if (chunk.message.isAbandoned) return false
    if (!chunk.isLost) this.inFlight -= chunk.bytes
    chunk.isLost = true
    return this.isKept(chunk)
  }

  private isKept({ message, attempts }: Chunk): boolean {
    if (message.isAbandoned) return false
    if (attempts <= message.maxRetransmits && this.now < message.expiresAt) return true
    this.abandon(message)
    return false
  }

  private abandon(message: Message): void {
    message.isAbandoned = true
    for (const chunk of this.outstanding.values()) {
      if (chunk.message === message && !chunk.isLost) this.inFlight -= chunk.bytes
    }
  }

  /** Tells the receiver not to wait for abandoned chunks: https://www.rfc-editor.org/rfc/rfc3758#section-3.5 */
  private forward(): void {
    let upTo = 0
    const skipped = new Map<SctpStream, number>()
    for (const { number, message } of this.outstanding.values()) {
      if (!message.isAbandoned) break
      upTo = number
      if (message.order >= 0) skipped.set(message.stream, message.order)
    }
    if (upTo === 0 || this.now < this.noForwardBefore) return
    this.noForwardBefore = this.now + Math.min(DCSCTP.longestForwardPause, this.roundTrip ?? this.rto)
    this.data.send({ upTo, skipped }, ACK_BYTES + 4 * skipped.size)
  }

  /** https://www.rfc-editor.org/rfc/rfc9260#section-6.3.1, with dcSCTP's bounds. */
  private measure(roundTrip: number): void {
    if (this.roundTrip === undefined) {
      this.roundTrip = roundTrip
      this.variance = roundTrip / 2
    } else {
      this.variance += (Math.abs(this.roundTrip - roundTrip) - this.variance) / 4
      this.roundTrip += (roundTrip - this.roundTrip) / 8
    }
    const rto = this.roundTrip + Math.max(4 * this.variance, DCSCTP.leastVariance)
    this.rto = Math.min(Math.max(rto, DCSCTP.leastRto), DCSCTP.mostRto)
  }
}
