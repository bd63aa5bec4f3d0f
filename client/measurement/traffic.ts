/**
 * A peer's traffic and connections, counted on WebRTC itself: the counts mean the same for every build. The
 * library gets the counting classes as its WebRTC, which keeps the peers of a page apart.
 */
import type { WebRtc } from '../peer-libraries/peer-library'
import { Links } from './links'

/** A renderer of Chromium may hold this many RTCPeerConnections; garbage collection removes closed ones. */
export const CONNECTION_LIMIT = 500

/** Packets and bytes of a peer's data channels. */
export const noTraffic = () => ({ sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 })
export type WireCounts = ReturnType<typeof noTraffic>

export class Traffic {
  /** Since the peer was created. */
  readonly wire = noTraffic()
  readonly connections = { open: 0, created: 0 }
  readonly links = new Links()
  /** Whether Chromium refused a connection, because its renderer holds too many. */
  isRefused = false
  private openedChannels = 0

  /** `onChannelOpen` receives the number of channels that have opened so far: 1 for the first. */
  constructor(private readonly onChannelOpen: (count: number) => void) {}

  /** WebRTC constructors that count for this peer; those of `base` do the work. */
  webRtc(base: WebRtc = { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }): WebRtc {
    const { connections, links } = this
    const watch = (channel: RTCDataChannel, connection: RTCPeerConnection) => this.watch(channel, connection)
    const refused = () => (this.isRefused = true)

    class CountedConnection extends base.RTCPeerConnection {
      private isClosed: true | undefined

      constructor(configuration?: RTCConfiguration) {
        try {
          super(configuration)
        } catch (error) {
          if (error instanceof DOMException && error.name === 'UnknownError') refused()
          throw error
        }
        connections.created++
        connections.open++
        links.add(this)
        this.addEventListener('datachannel', ({ channel }) => watch(channel, this))
      }

      override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
        const channel = super.createDataChannel(label, init)
        watch(channel, this)
        return channel
      }

      override close(): void {
        super.close()
        if (this.isClosed) return
        this.isClosed = true
        connections.open--
        links.remove(this)
      }
    }
    return { ...base, RTCPeerConnection: CountedConnection }
  }

  private watch(channel: RTCDataChannel, connection: RTCPeerConnection): void {
    const { wire } = this
    const link = this.links.watch(channel, connection)
    const send = channel.send.bind(channel) as (data: unknown) => void
    channel.send = (data: unknown) => {
      send(data)
      const bytes = sizeOf(data)
      wire.sent++
      wire.sentBytes += bytes
      link.channelBytes += bytes
    }
    onMessage(channel, (data) => {
      wire.received++
      wire.receivedBytes += sizeOf(data)
      link.isHeard = true
    })
    const opened = () => this.onChannelOpen(++this.openedChannels)
    if (channel.readyState === 'open') opened()
    else channel.addEventListener('open', opened, { once: true })
  }
}

/**
 * Calls `count` before the library handles a message: within its own `onmessage` if it sets one, because one
 * more listener costs more than all that `count` does.
 */
function onMessage(channel: RTCDataChannel, count: (data: unknown) => void): void {
  const listener = ({ data }: MessageEvent<unknown>) => count(data)
  const native = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(channel), 'onmessage')
  let handler: RTCDataChannel['onmessage'] = null
  channel.addEventListener('message', listener)
  Object.defineProperty(channel, 'onmessage', {
    get: () => handler,
    set: (given: unknown) => {
      handler =
        typeof given === 'function'
          ? (event: MessageEvent<unknown>): unknown => {
              count(event.data)
              return given.call(channel, event) as unknown
            }
          : null
      native?.set?.call(channel, handler)
      if (handler) channel.removeEventListener('message', listener)
      else channel.addEventListener('message', listener)
    }
  })
}

/** Text is counted in UTF-16 units: the libraries send bytes to each other, and ASCII to the Lighthouse. */
export function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length
  const { byteLength, size } = Object(data) as { byteLength?: number; size?: number }
  return byteLength ?? size ?? 0
}

/** How far each of some counters has risen. */
export function difference<T extends Record<keyof T, number>>(now: T, before: T): T {
  const names = Object.keys(now) as (keyof T)[]
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as T
}
