/**
 * What a peer sends and receives on the wire, and the connections it makes, counted on WebRTC itself and so alike for every build
 * of the library. The counting is in classes that the library takes as its WebRTC implementation, so that several peers
 * of a page are kept apart.
 */
import type { WebRtc } from '../peer-libraries/peer-library'

/** Chromium allows so many RTCPeerConnections in a renderer's life, closed ones counted. */
export const CONNECTION_LIMIT = 500

/** Packets and bytes of a peer's data channels since it was made. */
export interface WireCounts {
  sent: number
  received: number
  sentBytes: number
  receivedBytes: number
}

export class Traffic {
  readonly wire: WireCounts = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }
  readonly connections = { open: 0, created: 0 }
  /** Data channels that opened since the peer was made. */
  private openedChannels = 0

  /** `onChannelOpen` learns the number of channels that have opened: 1 for the first. */
  constructor(private readonly onChannelOpen: (count: number) => void) {}

  /** WebRTC's constructors, which count for this peer. */
  webRtc(): WebRtc {
    const connectionOpened = () => {
      this.connections.created++
      this.connections.open++
    }
    const connectionClosed = () => {
      this.connections.open--
    }
    const watch = (channel: RTCDataChannel) => {
      this.watch(channel)
    }

    class CountedConnection extends RTCPeerConnection {
      private isClosed = false

      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        connectionOpened()
        this.addEventListener('datachannel', ({ channel }) => {
          watch(channel)
        })
      }

      override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
        const channel = super.createDataChannel(label, init)
        watch(channel)
        return channel
      }

      override close(): void {
        super.close()
        if (!this.isClosed) connectionClosed()
        this.isClosed = true
      }
    }
    return { RTCPeerConnection: CountedConnection, RTCSessionDescription, RTCIceCandidate }
  }

  private watch(channel: RTCDataChannel): void {
    const { wire } = this
    const send = channel.send.bind(channel) as (data: unknown) => void
    channel.send = (data: unknown) => {
      send(data)
      wire.sent++
      wire.sentBytes += sizeOf(data)
    }
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      wire.received++
      wire.receivedBytes += sizeOf(data)
    })
    const opened = () => {
      this.onChannelOpen(++this.openedChannels)
    }
    if (channel.readyState === 'open') opened()
    else channel.addEventListener('open', opened, { once: true })
  }
}

/** The libraries send and receive bytes; text would be counted by its UTF-16 units. */
function sizeOf(data: unknown): number {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength
  if (data instanceof Blob) return data.size
  return typeof data === 'string' ? data.length : 0
}

export function difference(now: WireCounts, before: WireCounts): WireCounts {
  return {
    sent: now.sent - before.sent,
    received: now.received - before.received,
    sentBytes: now.sentBytes - before.sentBytes,
    receivedBytes: now.receivedBytes - before.receivedBytes
  }
}
