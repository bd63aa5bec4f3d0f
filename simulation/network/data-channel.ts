/** A data channel: https://www.w3.org/TR/webrtc/#rtcdatachannel */
import { DOMException } from '../browser/dom-exception'
import type { Thread } from '../engine/thread'
import { EMIT, eventOf, HEARS, MessageEvent, SimEvent, type Emitter } from './emitter'
import { LARGEST_MESSAGE } from './sctp-transport'

export type Packet = Uint8Array | string

/** How a channel's packets are delivered. Infinity: until they arrive. */
export interface Reliability {
  ordered: boolean
  maxRetransmits: number
  /** ms */
  maxPacketLifeTime: number
}

/** One direction of one channel. */
export interface Transport {
  send(packet: Sent): void
  /** Stops all further arrivals. */
  cut(): void
  /** Bytes that have not been sent yet; undefined if the transport never queues. */
  readonly bufferedAmount?: number
  /** Called when queued bytes were sent. */
  onSent?: () => void
}

/** One direction between two peers, which all channels of their connection share. */
export interface Association {
  open(reliability: Reliability, deliver: (packet: Sent) => void): Transport
  /**
   * The sender's connection closes: what has not left is gone, and the receiver's channels close if one last
   * datagram arrives. Without this, each channel's own ABORTED arrives anyway.
   */
  abort?(): void
  /** The receiver's connection has closed: what arrives is ignored. */
  deafen?(): void
  /** Called when the receiver has heard that the sender's connection closed. */
  onAbort?: () => void
  /** Stops all further packets. */
  cut?(): void
}

/** A channel as its page sees it: it gets the events. */
export type ChannelFace = Emitter & Pick<SimDataChannel, 'label' | 'readyState' | 'send' | 'close'>

/** What a channel needs from its page. */
export interface ChannelPage {
  thread: Thread
  /** A copy in memory of this page's realm. */
  copy(bytes: Uint8Array): Uint8Array
  /** Makes what the page has of a channel. */
  faceOf(channel: SimDataChannel): ChannelFace
  /** Called for each packet that arrives. */
  onPacket(connection: number, packet: Packet): void
  /** Fails the run and throws: the page used something that is not simulated. */
  refuse: (name: string) => never
}

export type ChannelOptions = Partial<
  Record<'ordered' | 'maxRetransmits' | 'maxPacketLifeTime' | 'protocol' | 'negotiated' | 'id', unknown>
>

/**
 * The first packet of a channel, which makes its other end exist, and the last one: the channel closes, or
 * its connection does. All realms share these symbols.
 */
export const OPEN = Symbol.for('open data channel')
export const CLOSE = Symbol.for('close data channel')
export const ABORTED = Symbol.for('abort data channel')
/** What travels through a channel. */
export type Sent = Packet | typeof OPEN | typeof CLOSE | typeof ABORTED

const MOST_ID = 65_534
/** Bytes that Chromium queues (webrtc/api/data_channel_interface.h: MaxSendQueueSize). */
const MOST_QUEUED = 16 * 2 ** 20

export class SimDataChannel {
  readonly face: ChannelFace
  bufferedAmountLowThreshold = 0
  readyState: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  readonly ordered: boolean
  readonly maxRetransmits: number | null
  readonly maxPacketLifeTime: number | null
  readonly protocol: string
  readonly negotiated: boolean
  id: number | null
  /** Towards the other end; set by `join`. */
  transport: Transport | undefined
  private far: ChannelPage | undefined
  /** Bytes queued in the task that is running: the browser's other threads take them only after it. */
  private inTask = { task: -1, bytes: 0 }
  private isAboveThreshold = false
  /** Packets that arrived before the channel's announcement. */
  private readonly early: Sent[] = []
  /** Messages and their bytes so far, as in getStats(). */
  readonly sent = { messages: 0, bytes: 0 }
  readonly received = { messages: 0, bytes: 0 }
  /** Whether it has heard that the other end's connection closed. */
  isAborted = false

  constructor(
    readonly label: string,
    options: ChannelOptions,
    private readonly page: ChannelPage,
    private readonly connection: number
  ) {
    this.face = page.faceOf(this)
    const { ordered = true, protocol = '', negotiated = false } = options
    const [maxRetransmits, maxPacketLifeTime, id] = (
      ['maxRetransmits', 'maxPacketLifeTime', 'id'] as const
    ).map((name) => shortOf(name, options[name]))
    if (maxRetransmits !== undefined && maxPacketLifeTime !== undefined)
      throw new TypeError('RTCDataChannel cannot have both max retransmits and max lifetime')
    if (negotiated && id === undefined) throw new TypeError('RTCDataChannel must have an id, if negotiated')
    if (negotiated && id! > MOST_ID) throw new TypeError('RTCDataChannel cannot have id > 65534')
    this.ordered = Boolean(ordered)
    this.maxRetransmits = maxRetransmits ?? null
    this.maxPacketLifeTime = maxPacketLifeTime ?? null
    this.protocol = String(protocol)
    this.negotiated = Boolean(negotiated)
    this.id = this.negotiated ? id! : null
  }

  get binaryType(): string {
    return 'arraybuffer'
  }
  set binaryType(type: string) {
    if (type === 'blob') this.page.refuse('RTCDataChannel.binaryType "blob"')
  }

  get reliable(): boolean {
    return this.maxRetransmits === null && this.maxPacketLifeTime === null
  }

  get bufferedAmount(): number {
    const { task, bytes } = this.inTask
    return task === this.page.thread.time.happened ? bytes : (this.transport?.bufferedAmount ?? 0)
  }

  /** Copies the packet, because the library's encoder reuses its buffer. */
  send(data: unknown): void {
    if (this.readyState !== 'open')
      throw new DOMException("RTCDataChannel.readyState is not 'open'", 'InvalidStateError')
    const isBytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data)
    const packet = isBytes ? this.far!.copy(bytesOf(data)) : String(data).toWellFormed()
    const bytes = lengthOf(packet)
    if (bytes > LARGEST_MESSAGE) throw new TypeError('The message is larger than 262144 bytes')
    const queued = this.bufferedAmount + bytes
    if (queued > MOST_QUEUED) throw new DOMException('RTCDataChannel send queue is full', 'OperationError')
    this.inTask = { task: this.page.thread.time.happened, bytes: queued }
    this.transport!.send(packet)
    this.sent.messages++
    this.sent.bytes += bytes
    this.awaitLow()
  }

  /** Packets in transit still arrive; after them, the other end is notified. */
  close(): void {
    if (this.readyState === 'closed' || this.readyState === 'closing') return
    this.readyState = 'closing'
    this.transport?.send(CLOSE)
    this.page.thread.after(0, () => this.end())
  }

  /** Closes with its connection. */
  shut(): void {
    if (this.readyState === 'open') this.transport?.send(ABORTED)
    this.page.thread.after(0, () => this.end())
  }

  join(transport: Transport, far: ChannelPage): void {
    this.transport = transport
    this.far = far
    transport.onSent = () => this.noticeLow()
  }

  get reliability(): Reliability {
    const { ordered, maxRetransmits: most, maxPacketLifeTime: longest } = this
    return { ordered, maxRetransmits: most ?? Infinity, maxPacketLifeTime: longest ?? Infinity }
  }

  /** `announce` gives the page the channel, open but before its event. */
  open(announce?: () => void): void {
    // Its first packet can take others out of the queue, whose events come at once and may close it.
    if (this.readyState !== 'connecting') return
    this.readyState = 'open'
    announce?.()
    // The page may have closed it.
    if ((this.readyState as string) !== 'open') return
    this.face[EMIT](new SimEvent('open'))
    for (const packet of this.early.splice(0)) this.receive(packet)
  }

  receive(packet: Sent): void {
    if (this.readyState === 'connecting') this.early.push(packet)
    else if (packet === CLOSE || packet === ABORTED) {
      this.transport?.cut()
      this.isAborted = packet === ABORTED
      this.end(packet === ABORTED ? abortError() : undefined)
    } else if (this.readyState === 'open' && packet !== OPEN) {
      this.page.onPacket(this.connection, packet)
      this.received.messages++
      this.received.bytes += lengthOf(packet)
      const data = typeof packet === 'string' ? packet : packet.buffer
      this.face[EMIT](new MessageEvent('message', { data }))
    }
  }

  private end(error?: DOMException): void {
    if (this.readyState === 'closed') return
    if (this.readyState !== 'closing') {
      this.readyState = 'closing'
      this.face[EMIT](new SimEvent('closing'))
    }
    this.readyState = 'closed'
    if (error) this.face[EMIT](eventOf('error', { error }))
    this.face[EMIT](new SimEvent('close'))
  }

  /** Plans the event `bufferedamountlow` if somebody waits for it. */
  awaitLow(): void {
    if (this.isAboveThreshold || this.bufferedAmount <= this.bufferedAmountLowThreshold) return
    if (!this.face[HEARS]('bufferedamountlow')) return
    this.isAboveThreshold = true
    this.page.thread.after(0, () => this.noticeLow())
  }

  private noticeLow(): void {
    if (!this.isAboveThreshold || this.bufferedAmount > this.bufferedAmountLowThreshold) return
    this.isAboveThreshold = false
    if (this.readyState === 'open') this.face[EMIT](new SimEvent('bufferedamountlow'))
  }
}

/** As of `[EnforceRange] unsigned short`: https://webidl.spec.whatwg.org/#abstract-opdef-converttoint */
function shortOf(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const number = Math.trunc(Number(value))
  if (number >= 0 && number <= 65_535) return number
  throw new TypeError(`RTCDataChannelInit's ${name} is outside the 'unsigned short' value range`)
}

/** Chromium's RTCError when the other end's connection has closed. */
function abortError(): DOMException {
  const error = new DOMException('User-Initiated Abort, reason=Close called', 'OperationError')
  const others = { httpRequestStatusCode: null, receivedAlert: null, sdpLineNumber: null, sentAlert: null }
  return Object.assign(error, { errorDetail: 'sctp-failure', sctpCauseCode: 12, ...others })
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(data) ? data : new Uint8Array(data)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Bytes: text travels as UTF-8. */
export function lengthOf(packet: Packet): number {
  return typeof packet === 'string' ? new TextEncoder().encode(packet).length : packet.length
}
