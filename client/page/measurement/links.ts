/**
 * What WebRTC reports about a peer's links (`getStats`): round trips, datagrams, bytes waiting to be sent,
 * and links on which nothing arrives. Chromium reports nothing about SCTP, so retransmissions show only as
 * datagrams beyond what the data channels sent.
 */
import { Histogram } from '../../../protocol/histogram'
import type { LinkFigures } from '../../../protocol/data-point'

/**
 * A link is silent when nothing has arrived on it for this long. Both ends check the path every 2.5 s (STUN,
 * RFC 7675), whether or not there is data to send.
 */
const SILENT_AFTER_MS = 3000

/** DTLS datagrams, which carry the data channels, and their bytes; STUN is not counted. */
interface Datagrams {
  sent: number
  received: number
  sentBytes: number
}

/** The last reading of a connection. */
interface Reading extends Datagrams {
  /** Everything that arrived, STUN included. */
  arrivals: number
  /** When `arrivals` last changed, by the page's clock. */
  heardAt: number
  /** s; undefined until a check has been answered. */
  roundTrip: number | undefined
}

/** The RTCStats fields that are read here. */
interface Stats {
  type: string
  packetsSent?: number
  packetsReceived?: number
  bytesSent?: number
  requestsReceived?: number
  responsesReceived?: number
  currentRoundTripTime?: number
  selectedCandidatePairId?: string
}

export class Links {
  private readonly connections = new Map<RTCPeerConnection, Reading | undefined>()
  private readonly channels = new Set<RTCDataChannel>()
  private datagrams: Datagrams = { sent: 0, received: 0, sentBytes: 0 }
  private readAt: number | undefined
  /** Whether the connections have been read since the last cut. */
  private isRead = false

  constructor(private readonly now: () => number = () => performance.now()) {}

  add(connection: RTCPeerConnection): void {
    this.connections.set(connection, undefined)
  }

  remove(connection: RTCPeerConnection): void {
    this.connections.delete(connection)
  }

  watch(channel: RTCDataChannel): void {
    this.channels.add(channel)
    channel.addEventListener('close', () => this.channels.delete(channel))
  }

  /** Reads every connection. One that reports nothing is left out. */
  async read(): Promise<void> {
    await Promise.allSettled([...this.connections.keys()].map((connection) => this.readOne(connection)))
    this.readAt = this.now()
    this.isRead = true
  }

  /**
   * The figures since the last cut; none if no connection has ever reported anything. Without a new reading,
   * links are as silent as at the last one, and nothing else is known.
   */
  cut(): { links?: LinkFigures } {
    const readings = [...this.connections.values()].filter((reading) => reading !== undefined)
    const { readAt, datagrams, isRead } = this
    if (readAt === undefined || readings.length === 0) return {}
    this.isRead = false
    this.datagrams = { sent: 0, received: 0, sentBytes: 0 }
    const roundTrips = new Histogram()
    if (isRead)
      for (const { roundTrip } of readings) if (roundTrip !== undefined) roundTrips.record(roundTrip * 1e6)
    let buffered = 0
    for (const { bufferedAmount } of this.channels) buffered += bufferedAmount
    return {
      links: {
        silent: readings.filter(({ heardAt }) => readAt - heardAt >= SILENT_AFTER_MS).length,
        roundTrip: roundTrips.encode(),
        ...datagrams,
        buffered
      }
    }
  }

  private async readOne(connection: RTCPeerConnection): Promise<void> {
    const report = (await connection.getStats()) as unknown as ReadonlyMap<string, Stats>
    const before = this.connections.get(connection)
    // It may have been closed in the meantime.
    if (!this.connections.has(connection)) return
    const reading = readingOf(report, before, this.now())
    if (!reading) return
    this.connections.set(connection, reading)
    for (const name of ['sent', 'received', 'sentBytes'] as const)
      this.datagrams[name] += Math.max(0, reading[name] - (before?.[name] ?? 0))
  }
}

/** Undefined if the connection has no transport yet, or nothing has arrived on it. */
function readingOf(
  report: ReadonlyMap<string, Stats>,
  before: Reading | undefined,
  now: number
): Reading | undefined {
  let transport: Stats | undefined
  let arrivals = 0
  for (const stats of report.values()) {
    if (stats.type === 'transport') transport = stats
    if (stats.type === 'candidate-pair')
      arrivals += (stats.requestsReceived ?? 0) + (stats.responsesReceived ?? 0)
  }
  if (transport?.packetsReceived === undefined) return undefined
  arrivals += transport.packetsReceived
  if (arrivals === 0) return undefined
  return {
    sent: transport.packetsSent ?? 0,
    received: transport.packetsReceived,
    sentBytes: transport.bytesSent ?? 0,
    arrivals,
    heardAt: before?.arrivals === arrivals ? before.heardAt : now,
    roundTrip: report.get(transport.selectedCandidatePairId ?? '')?.currentRoundTripTime
  }
}
