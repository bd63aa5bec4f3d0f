/**
 * What WebRTC reports about a peer's links (`getStats`). Chromium reports nothing about SCTP, so
 * retransmissions show only as datagrams beyond what the data channels sent.
 */
import { Histogram } from '../../protocol/histogram'
import type { LinkFigures } from '../../protocol/data-point'

/** Without arrivals, a link is silent: both ends check the path every 2.5 s, data or not (STUN, RFC 7675). */
const SILENT_AFTER_MS = 3000
/** What the latest look at quiet links heard is more recent than this: half the time between two looks. */
const RECENT_MS = 250

/** DTLS datagrams, and bytes of them and of the data channels that they carry; STUN is not counted. */
const none = () => ({ sent: 0, received: 0, sentBytes: 0, channelBytes: 0 })
type Datagrams = ReturnType<typeof none>
const SERIES = ['sent', 'received', 'sentBytes', 'channelBytes'] as const

interface Reading extends Datagrams {
  /** Everything that arrived, STUN included. */
  arrivals: number
  /** When it was made, and when `arrivals` last changed, by the page's clock. */
  at: number
  heardAt: number
  /** s; undefined until a check has been answered. */
  roundTrip: number | undefined
}

const newLink = () => ({
  /** Whether a message has come since the last look at quiet links. */
  isHeard: true,
  /** Looks in a row before which none had come. It may be silent, so its checks of the path are read too. */
  quietLooks: 0,
  channelBytes: 0,
  reading: undefined as Reading | undefined,
  /** Datagrams since the last reading of all links. */
  pending: none(),
  /** Those of the time before, if an outage may have begun in it. */
  doubtful: none(),
  /** Whether it has been silent since the last reading of all links. */
  wasSilent: false
})
type Link = ReturnType<typeof newLink>

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
  private readonly links = new Map<RTCPeerConnection, Link>()
  private readonly channels = new Set<RTCDataChannel>()
  /** Those that were silent at any time since the last cut. */
  private readonly silent = new Set<Link>()
  private datagrams = none()
  /** Whether all connections have been read since the last cut. */
  private isRead = false
  /** Whether any connection has ever reported anything. */
  private isKnown = false

  constructor(private readonly now: () => number = () => performance.now()) {}

  add(connection: RTCPeerConnection): void {
    this.links.set(connection, newLink())
  }

  remove(connection: RTCPeerConnection): void {
    this.links.delete(connection)
  }

  /** Returns the link, on which the caller notes each message and the bytes that the channel sends. */
  watch(channel: RTCDataChannel, connection: RTCPeerConnection): Pick<Link, 'isHeard' | 'channelBytes'> {
    this.channels.add(channel)
    channel.addEventListener('close', () => this.channels.delete(channel))
    return this.links.get(connection) ?? newLink()
  }

  /** Reads every connection. One that reports nothing is left out. */
  async read(): Promise<void> {
    await this.readAll([...this.links])
    for (const link of this.links.values()) this.settle(link)
    this.isRead = true
  }

  /** Reads those on which no message has come since the last call, so that no silence stays unseen. */
  async readQuiet(): Promise<void> {
    for (const link of this.links.values()) {
      link.quietLooks = link.isHeard ? 0 : link.quietLooks + 1
      link.isHeard = false
    }
    await this.readAll([...this.links].filter(([, { quietLooks }]) => quietLooks > 0))
  }

  /** Since the last cut, of datagrams and round trips since the last reading. Empty before the first. */
  cut(): { links?: LinkFigures } {
    const { datagrams, isRead, silent } = this
    if (!this.isKnown) return {}
    this.isRead = false
    this.datagrams = none()
    const roundTrips = new Histogram()
    if (isRead)
      for (const { reading } of this.links.values())
        if (reading?.roundTrip !== undefined) roundTrips.record(reading.roundTrip * 1e6)
    let buffered = 0
    for (const { bufferedAmount } of this.channels) buffered += bufferedAmount
    const figures = { silent: silent.size, roundTrip: roundTrips.encode(), ...datagrams, buffered }
    silent.clear()
    for (const link of this.links.values()) this.noteSilence(link)
    return { links: figures }
  }

  private async readAll(links: readonly [RTCPeerConnection, Link][]): Promise<void> {
    await Promise.allSettled(links.map(([connection, link]) => this.readOne(connection, link)))
  }

  private async readOne(connection: RTCPeerConnection, link: Link): Promise<void> {
    const report = (await connection.getStats()) as unknown as ReadonlyMap<string, Stats>
    // It may have been closed in the meantime.
    if (!this.links.has(connection)) return
    const before = link.reading
    const reading = readingOf(report, link, this.now())
    if (!reading) return
    link.reading = reading
    this.isKnown = true
    for (const name of SERIES) link.pending[name] += Math.max(0, reading[name] - (before?.[name] ?? 0))
    this.noteSilence(link)
  }

  private noteSilence(link: Link): void {
    // A link with messages is read seldom: of the time since, nothing is known.
    if (!link.reading || link.reading.at - link.reading.heardAt < SILENT_AFTER_MS) return
    link.wasSilent = true
    this.silent.add(link)
  }

  /** What is sent in an outage is not the line's loss. Both ends leave it out: both hear nothing. */
  private settle(link: Link): void {
    const isDoubtful = this.mayBeCut(link)
    if (!link.wasSilent)
      for (const name of SERIES)
        this.datagrams[name] += link.doubtful[name] + (isDoubtful ? 0 : link.pending[name])
    link.doubtful = isDoubtful && !link.wasSilent ? link.pending : none()
    link.pending = none()
    link.wasSilent = false
  }

  /**
   * Whether an outage may have begun: the next reading of all links will show it. Where messages go one way,
   * acknowledgements arrive; but the first look at a link that falls quiet cannot tell when they did.
   */
  private mayBeCut({ quietLooks, reading }: Link): boolean {
    return quietLooks === 1 || (quietLooks > 1 && this.now() - (reading?.heardAt ?? 0) > RECENT_MS)
  }
}

/** Undefined if nothing has arrived. */
function readingOf(
  report: ReadonlyMap<string, Stats>,
  { reading: before, channelBytes }: Link,
  now: number
): Reading | undefined {
  let transport: Stats | undefined
  let arrivals = 0
  for (const stats of report.values()) {
    // Copied, because a simulation refuses what it has not.
    if (stats.type === 'transport') transport = { ...stats }
    if (stats.type === 'candidate-pair') {
      const { requestsReceived = 0, responsesReceived = 0 }: Stats = { ...stats }
      arrivals += requestsReceived + responsesReceived
    }
  }
  const received = transport?.packetsReceived ?? 0
  arrivals += received
  if (arrivals === 0) return undefined
  return {
    sent: transport?.packetsSent ?? 0,
    received,
    sentBytes: transport?.bytesSent ?? 0,
    channelBytes,
    arrivals,
    at: now,
    heardAt: before?.arrivals === arrivals ? before.heardAt : now,
    roundTrip: report.get(transport?.selectedCandidatePairId ?? '')?.currentRoundTripTime
  }
}
