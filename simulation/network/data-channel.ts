/** A data channel: reliable and ordered, as the peer library opens it. */
import type { Thread } from '../engine/thread'
import { Emitter } from './emitter'
import type { Slab } from './slab'

export type Packet = Uint8Array | string

/** One direction of the transport below a channel. */
export interface Transport {
  send(packet: Packet): void
  /** Stops all further arrivals. */
  cut(): void
  /** Bytes that have not been sent yet; undefined if the transport never queues. */
  readonly bufferedAmount?: number
  /** Called when queued bytes were sent, with the queued bytes before and after. */
  onSent?: (before: number, after: number) => void
}

/** What a channel needs from its page. */
export interface ChannelPage {
  thread: Thread
  slab: Slab
  /** Called for each packet that arrives. */
  onPacket(connection: number, packet: Packet): void
}

/** The last packet of a channel: the other end closes when it receives it. */
const CLOSE = new Uint8Array(0)

export class SimDataChannel extends Emitter {
  binaryType = 'blob'
  bufferedAmountLowThreshold = 0
  readyState: 'connecting' | 'open' | 'closed' = 'connecting'
  onopen: unknown = null
  onmessage: unknown = null
  onclose: unknown = null
  onerror: unknown = null
  onbufferedamountlow: unknown = null
  /** Towards the other end; set by `join`. */
  private transport: Transport | undefined

  constructor(
    readonly label: string,
    private readonly page: ChannelPage,
    private readonly connection: number
  ) {
    super()
  }

  get bufferedAmount(): number {
    return this.transport?.bufferedAmount ?? 0
  }

  /** Copies the packet, because the library's encoder reuses its buffer. */
  send(data: Uint8Array | ArrayBuffer | string): void {
    if (this.readyState !== 'open') throw new Error("RTCDataChannel.readyState is not 'open'")
    this.transport!.send(typeof data === 'string' ? data : this.page.slab.copy(bytesOf(data)))
  }

  /** Packets in transit still arrive; after them, the other end is notified. */
  close(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.transport?.send(CLOSE)
  }

  /** For the simulation: sends packets through this transport from now on. */
  join(transport: Transport): void {
    this.transport = transport
    transport.onSent = (before, after) => {
      const threshold = this.bufferedAmountLowThreshold
      if (before > threshold && after <= threshold) this.emit({ type: 'bufferedamountlow' })
    }
  }

  /** For the simulation: opens the channel. Packets must not arrive earlier. */
  open(): void {
    if (this.readyState !== 'connecting') return
    this.readyState = 'open'
    this.emit({ type: 'open' })
  }

  /** For the simulation: the connection was lost. */
  fail(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.transport?.cut()
    this.emit({ type: 'close' })
  }

  /** For the simulation: a packet arrived. */
  receive(packet: Packet): void {
    if (this.readyState === 'closed') return
    if (packet === CLOSE) {
      this.readyState = 'closed'
      this.transport?.cut()
      this.emit({ type: 'close' })
      return
    }
    this.page.onPacket(this.connection, packet)
    this.emitMessage({ type: 'message', data: packet })
  }
}

function bytesOf(data: Uint8Array | ArrayBuffer): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data)
}
