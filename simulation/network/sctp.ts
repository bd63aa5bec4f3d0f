/**
 * A reliable, ordered transport over a link that loses packets: SCTP with the constants of dcSCTP, which
 * carries Chromium's data channels (webrtc/net/dcsctp/public/dcsctp_options.h). A lost packet is sent again
 * after three reports of its loss or when the timer expires. Until it arrives, the receiver holds back
 * everything sent after it.
 *
 * Not modelled: packets larger than the MTU, the receiver's window, association set-up, and bundling of small
 * packets.
 */
import type { Event } from '../engine/event-queue'
import type { Thread } from '../engine/thread'
import type { Packet, Transport } from './data-channel'
import { Line, type Way } from './line'

/** Sizes in bytes, times in ms. */
export const DCSCTP = {
  mtu: 1191,
  initialWindow: 10 * 1191,
  leastWindow: 4 * 1191,
  initialRto: 500,
  leastRto: 400,
  mostRto: 60_000,
  /** Lower bound of four times the round-trip variance. */
  leastVariance: 220,
  longestAckDelay: 200,
  /** https://www.rfc-editor.org/rfc/rfc9260#section-7.2.4 */
  reportsOfLoss: 3
} as const

/** Bytes per datagram besides its packet: headers of IP, UDP, DTLS record, SCTP and DATA chunk. */
const HEADER_BYTES = 20 + 8 + 29 + 12 + 16
const ACK_BYTES = 20 + 8 + 29 + 12 + 20

interface Chunk {
  number: number
  packet: Packet
  bytes: number
  sentAt: number
  /** Number of reports that later chunks have arrived but this one has not. */
  missed: number
  attempts: number
  isLost: boolean
}

interface Ack {
  /** All chunks up to this number have arrived. */
  upTo: number
  /** Chunks beyond `upTo` that have arrived. */
  beyond: readonly number[]
}

export interface SctpEnds {
  sender: Thread
  receiver: Thread
  forward: Way
  back: Way
  deliver: (packet: Packet) => void
  /** ms for which each arrival keeps the receiver busy. */
  cost?: number
}

export class Sctp implements Transport {
  bufferedAmount = 0
  onSent?: (before: number, after: number) => void
  private readonly unsent: Chunk[] = []
  private readonly outstanding = new Map<number, Chunk>()
  private inFlight = 0
  private nextNumber = 1
  private window: number = DCSCTP.initialWindow
  private threshold = Infinity
  private acknowledgedBytes = 0
  private recoversUntil = 0
  private rto: number = DCSCTP.initialRto
  private roundTrip: number | undefined
  private variance = 0
  private timer: Event | undefined
  private isCut = false
  private readonly data: Line<Chunk>
  private readonly far: Receiver

  constructor(private readonly ends: SctpEnds) {
    const acks = new Line<Ack>(ends.sender, ends.back, (ack) => {
      this.hear(ack)
    })
    this.far = new Receiver(ends.receiver, ends.deliver, (ack) => {
      acks.send(ack, ACK_BYTES)
    })
    this.data = new Line<Chunk>(
      ends.receiver,
      ends.forward,
      (chunk) => {
        this.far.receive(chunk.number, chunk.packet)
      },
      ends.cost
    )
  }

  send(packet: Packet): void {
    if (this.isCut) return
    this.bufferedAmount += packet.length
    this.unsent.push({
      number: 0,
      packet,
      bytes: packet.length + HEADER_BYTES,
      sentAt: 0,
      missed: 0,
      attempts: 0,
      isLost: false
    })
    this.transmit()
  }

  cut(): void {
    this.isCut = true
    this.timer?.cancel()
    this.data.cut()
    this.far.stop()
  }

  private get now(): number {
    return this.ends.sender.time.now
  }

  /** Sends lost chunks first, then new ones, as far as the window allows. */
  private transmit(): void {
    for (const chunk of this.outstanding.values()) {
      if (this.inFlight >= this.window) return
      if (chunk.isLost) this.put(chunk)
    }
    const before = this.bufferedAmount
    while (this.unsent.length > 0 && this.inFlight < this.window) {
      const chunk = this.unsent.shift()!
      this.bufferedAmount -= chunk.packet.length
      chunk.number = this.nextNumber++
      this.outstanding.set(chunk.number, chunk)
      this.put(chunk)
    }
    if (this.bufferedAmount < before) this.onSent?.(before, this.bufferedAmount)
  }

  private put(chunk: Chunk): void {
    chunk.isLost = false
    chunk.missed = 0
    chunk.attempts++
    chunk.sentAt = this.now
    this.inFlight += chunk.bytes
    this.data.send(chunk, chunk.bytes)
    if (!this.timer) this.startTimer()
  }

  private startTimer(): void {
    this.timer?.cancel()
    this.timer = undefined
    if (this.outstanding.size === 0) return
    this.timer = this.ends.sender.after(this.rto, () => {
      this.timer = undefined
      this.expire()
    })
  }

  /** https://www.rfc-editor.org/rfc/rfc9260#section-6.3.3 */
  private expire(): void {
    this.threshold = Math.max(this.window / 2, DCSCTP.leastWindow)
    this.window = DCSCTP.mtu
    this.acknowledgedBytes = 0
    this.rto = Math.min(2 * this.rto, DCSCTP.mostRto)
    for (const chunk of this.outstanding.values()) chunk.isLost = true
    this.inFlight = 0
    this.transmit()
  }

  private hear({ upTo, beyond }: Ack): void {
    if (this.isCut) return
    const wasFull = this.inFlight + DCSCTP.mtu > this.window
    let newly = 0
    let highest = 0
    let advanced = false
    const settle = (chunk: Chunk) => {
      this.outstanding.delete(chunk.number)
      if (!chunk.isLost) this.inFlight -= chunk.bytes
      newly += chunk.bytes
      highest = Math.max(highest, chunk.number)
      // Karn's rule: the acknowledgement of a retransmitted chunk says nothing about the round trip.
      if (chunk.attempts === 1) this.measure(this.now - chunk.sentAt)
    }
    for (const chunk of this.outstanding.values()) {
      if (chunk.number > upTo) break
      settle(chunk)
      advanced = true
    }
    for (const number of beyond) {
      const chunk = this.outstanding.get(number)
      if (chunk) settle(chunk)
    }
    if (advanced && this.recoversUntil <= upTo) this.recoversUntil = 0
    if (advanced && this.recoversUntil === 0) this.grow(newly, wasFull)
    if (advanced || this.outstanding.size === 0) this.startTimer()
    this.countMissed(highest)
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

  /** Fast retransmit: https://www.rfc-editor.org/rfc/rfc9260#section-7.2.4 */
  private countMissed(highest: number): void {
    let first: Chunk | undefined
    for (const chunk of this.outstanding.values()) {
      if (chunk.number >= highest) break
      // Reports trigger only one retransmission of a chunk; after that, only the timer does.
      if (chunk.isLost || chunk.attempts > 1 || ++chunk.missed < DCSCTP.reportsOfLoss) continue
      chunk.isLost = true
      this.inFlight -= chunk.bytes
      first ??= chunk
    }
    if (!first) return
    if (this.recoversUntil === 0) {
      this.threshold = Math.max(this.window / 2, DCSCTP.leastWindow)
      this.window = this.threshold
      this.acknowledgedBytes = 0
      this.recoversUntil = this.nextNumber - 1
    }
    // The first one is sent immediately, whatever the window says.
    this.put(first)
    this.startTimer()
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

/**
 * The receiving end. Delivers packets in order. Acknowledges every second packet, or immediately if one is
 * missing.
 */
class Receiver {
  private upTo = 0
  private readonly early = new Map<number, Packet>()
  private unacknowledged = 0
  private timer: Event | undefined
  private isStopped = false

  constructor(
    private readonly thread: Thread,
    private readonly deliver: (packet: Packet) => void,
    private readonly acknowledge: (ack: Ack) => void
  ) {}

  receive(number: number, packet: Packet): void {
    const isNew = number > this.upTo && !this.early.has(number)
    if (isNew) this.early.set(number, packet)
    const ready: Packet[] = []
    for (let next = this.early.get(this.upTo + 1); next !== undefined; next = this.early.get(this.upTo + 1)) {
      this.early.delete(++this.upTo)
      ready.push(next)
    }
    if (!isNew || this.early.size > 0 || ++this.unacknowledged >= 2) this.report()
    else
      this.timer ??= this.thread.after(DCSCTP.longestAckDelay, () => {
        this.report()
      })
    for (const each of ready) if (!this.isStopped) this.deliver(each)
  }

  stop(): void {
    this.isStopped = true
    this.timer?.cancel()
  }

  private report(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.unacknowledged = 0
    this.acknowledge({ upTo: this.upTo, beyond: [...this.early.keys()] })
  }
}
