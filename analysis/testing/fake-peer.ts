import { Histogram } from '../../protocol/histogram'
import type { DataPoint, Metrics } from '../../protocol/data-point'
import { forEachKind, MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { KindResults, PeerResults } from '../../protocol/peer-results'
import { encodeAscending } from '../../protocol/varints'
import { START, type FullOptions } from './fake-options'

const PACKET_BYTES = 120
const TICK_MS = 16
/** Number of neighbours to connect to on either side, in the ring of present peers. */
const NEIGHBOURS_PER_SIDE = 2

/** Counts of one kind of message, for an interval or for the measured time. */
class KindLedger {
  readonly sentTimes: number[] = []
  received = 0
  duplicates = 0
  negativeLatencies = 0
  unsent = 0
  readonly latency = new Histogram()
  readonly latencyFromDue = new Histogram()
}

type Ledger = Record<MessageKind, KindLedger>

const newLedger = (): Ledger => forEachKind(() => new KindLedger())

/**
 * A fake peer: it keeps its ledger like a real peer, and produces data points and final results of the same
 * shape.
 */
export class FakePeer {
  readonly id: string
  readonly part: number
  readonly joined: number
  readonly left: number
  readonly diesAt: number | undefined
  private readonly skew: number
  private readonly results = newLedger()
  private readonly intervals: Ledger[]
  private readonly heard: PeerResults['heard'] = {}
  private readonly end: number

  constructor(
    readonly number: number,
    private readonly options: FullOptions
  ) {
    const { joined = -3, left = options.duration } = options.presence(number)
    const death = options.killed(number)
    this.id = `0x${number.toString(16).padStart(40, '0')}`
    this.part = number % options.parts
    this.joined = START + joined * 1000
    this.end = START + options.duration * 1000
    this.left = Math.min(this.end, START + (death ?? left) * 1000)
    this.diesAt = death
    this.skew = options.clockSkew(number)
    this.intervals = Array.from({ length: Math.ceil(options.duration / options.interval) }, newLedger)
  }

  isPresent(time: number): boolean {
    return this.joined <= time && time <= this.left
  }

  /**
   * Due times, in whole ms, while the peer is present: those at which it sends and those that it skips.
   * `phase` (0 to 1) offsets them within the period.
   */
  schedule(rate: number, phase: number): { sent: number[]; skipped: number[] } {
    const times = { sent: [] as number[], skipped: [] as number[] }
    if (rate === 0) return times
    const period = 1000 / rate
    const { sending } = this.options
    for (let index = 0; ; index++) {
      const time = Math.floor(START + (index + phase) * period)
      if (time >= this.end) return times
      const isSkipped = Math.floor((index + 1) * sending) === Math.floor(index * sending)
      if (this.isPresent(time)) times[isSkipped ? 'skipped' : 'sent'].push(time)
    }
  }

  skip(kind: MessageKind, time: number, counts: boolean): void {
    if (counts) this.results[kind].unsent++
    this.intervalAt(time)[kind].unsent++
  }

  send(kind: MessageKind, time: number, counts: boolean): void {
    if (counts) this.results[kind].sentTimes.push(time)
    this.intervalAt(time)[kind].sentTimes.push(time)
  }

  receive(
    kind: MessageKind,
    sender: FakePeer,
    time: number,
    delay: number,
    duplicates: number,
    counts: boolean
  ): void {
    const latency = delay + this.skew - sender.skew
    for (const ledger of counts ? [this.results, this.intervalAt(time)] : [this.intervalAt(time)]) {
      ledger[kind].received++
      ledger[kind].duplicates += duplicates
      ledger[kind].latency.record(latency * 1000)
      ledger[kind].latencyFromDue.record(
        (latency + this.options.sendLateness(sender.number, time - START)) * 1000
      )
      if (latency < 0) ledger[kind].negativeLatencies++
    }
    if (!counts) return
    const heard = (this.heard[sender.id] ??= [0, 0, 0, 0, 0, 0])
    const index = 2 * MESSAGE_KINDS.indexOf(kind)
    heard[index]! += 1
    heard[index + 1]! += duplicates
  }

  dataPoints(peers: readonly FakePeer[]): DataPoint[] {
    const step = this.options.interval * 1000
    return this.intervals.flatMap((ledger, index): DataPoint[] => {
      const from = Math.max(START + index * step, this.joined)
      const until = Math.min(START + (index + 1) * step, this.left)
      if (until <= from) return []
      if (this.diesAt !== undefined && until < START + (index + 1) * step) return []
      const metrics = this.metrics(ledger, from, until, peers)
      return [{ peerId: this.id, sequence: index, timestamp: until + 5 + this.number / 1000, metrics }]
    })
  }

  finalResults(): PeerResults {
    const { options } = this
    const from = START + options.warmup * 1000
    const seconds = Math.max(0, this.left - Math.max(from, this.joined)) / 1000
    const ledgers = MESSAGE_KINDS.map((kind) => this.results[kind])
    const received = ledgers.reduce((sum, ledger) => sum + ledger.received + ledger.duplicates, 0)
    const sent = ledgers.reduce((sum, ledger) => sum + ledger.sentTimes.length, 0)
    return {
      number: this.number,
      runnerId: `runner-${this.number % options.runners}`,
      library: {
        name: 'decentraland-katalyst-peer',
        version: '0.2.20',
        generation: 'layers',
        ...options.library
      },
      routine: 'stand',
      group: 'blue',
      presence: { joined: this.joined, left: this.left },
      startedAt: Math.max(START, this.joined) + (this.number % 10),
      measured: { from, until: this.left },
      messages: forEachKind((kind) => this.kindResults(kind, from)),
      heard: this.heard,
      integrity: { echoes: 0, altered: 0 },
      page: {
        uncaught: { count: 0 },
        lighthouse: { messages: Math.round(seconds), bytes: Math.round(200 * seconds), requests: 1 }
      },
      hops: [Math.ceil(received / 2), Math.floor(received / 2)],
      sendErrors: 0,
      wire: wireOf(sent, received),
      connectionTimes: {
        socket: 30 + this.number,
        joined: 60 + this.number,
        firstConnection: 200 + this.number,
        fourthConnection: 400 + this.number
      },
      connections: { open: 2 * NEIGHBOURS_PER_SIDE, created: 2 * NEIGHBOURS_PER_SIDE + 1 },
      ticks: this.ticks(seconds),
      nominal: forEachKind((kind) => options.rates[kind] * seconds),
      clock: {
        offset: 1000 * (this.number % options.runners),
        error: options.clockError(this.number),
        driftPpm: 0
      },
      errors: []
    }
  }

  private metrics(ledger: Ledger, from: number, until: number, peers: readonly FakePeer[]): Metrics {
    const seconds = (until - from) / 1000
    const received = MESSAGE_KINDS.reduce(
      (sum, kind) => sum + ledger[kind].received + ledger[kind].duplicates,
      0
    )
    const sent = MESSAGE_KINDS.reduce((sum, kind) => sum + ledger[kind].sentTimes.length, 0)
    const connectedPeers = this.neighboursAt(until, peers)
    const library: Metrics = {
      sent: sent * connectedPeers.length,
      sentPerSecond: (sent * connectedPeers.length) / seconds,
      received,
      receivedPerSecond: received / seconds,
      receivedBytes: received * PACKET_BYTES,
      relayed: this.number % 2 === 0 ? received : 0,
      relevant: received,
      duplicate: 0,
      expired: 0,
      connectedPeers,
      knownPeersCount: peers.length - 1,
      position: [this.number, 0, Math.round((from - START) / 1000)],
      averageLatency: 20
    }
    if (this.options.olderClients) return library
    const lateness = this.options.tickLateness(this.number)
    return {
      ...library,
      interval: { from, until },
      messages: forEachKind((kind) => this.kindCounts(ledger[kind])),
      wire: wireOf(sent, received),
      hops: [Math.ceil(received / 2), Math.floor(received / 2)],
      sendErrors: 0,
      ticks: {
        count: Math.round((1000 * seconds) / TICK_MS),
        latenessP50: lateness,
        latenessP95: lateness,
        latenessMax: lateness
      },
      clock: {
        offset: 1000 * (this.number % this.options.runners),
        error: this.options.clockError(this.number)
      },
      group: 'blue',
      connections: { open: connectedPeers.length, created: connectedPeers.length + 1 },
      links: linksOf(connectedPeers.length, wireOf(sent, received))
    }
  }

  /** The peers present in its part form a ring, with links to the two nearest on either side. */
  private neighboursAt(time: number, peers: readonly FakePeer[]): string[] {
    const ring = peers.filter((peer) => peer.part === this.part && peer.isPresent(time))
    const place = ring.indexOf(this)
    const neighbours = new Set<string>()
    for (let step = -NEIGHBOURS_PER_SIDE; step <= NEIGHBOURS_PER_SIDE; step++) {
      const other = ring[(place + step + NEIGHBOURS_PER_SIDE * ring.length) % ring.length]
      if (other && other !== this) neighbours.add(other.id)
    }
    return [...neighbours]
  }

  private intervalAt(time: number): Ledger {
    return this.intervals[Math.floor((time - START) / (this.options.interval * 1000))]!
  }

  private kindResults(kind: MessageKind, from: number): KindResults {
    const ledger = this.results[kind]
    return {
      sent: ledger.sentTimes.length,
      sentTimes: encodeAscending(ledger.sentTimes, from),
      received: ledger.received,
      duplicates: ledger.duplicates,
      latency: ledger.latency.encode(),
      ...this.dueOf(ledger),
      negativeLatencies: ledger.negativeLatencies
    }
  }

  private kindCounts(ledger: KindLedger): NonNullable<Metrics['messages']>['position'] {
    return {
      sent: ledger.sentTimes.length,
      received: ledger.received,
      duplicates: ledger.duplicates,
      latency: ledger.latency.encode(),
      ...this.dueOf(ledger)
    }
  }

  private dueOf({ latencyFromDue, unsent }: KindLedger): { latencyFromDue?: string; unsent?: number } {
    return this.options.withoutDue ? {} : { latencyFromDue: latencyFromDue.encode(), unsent }
  }

  private ticks(seconds: number): PeerResults['ticks'] {
    const lateness = new Histogram()
    const count = Math.round((1000 * seconds) / TICK_MS)
    for (let tick = 0; tick < count; tick++) lateness.record(1000 * this.options.tickLateness(this.number))
    return { count, lateness: lateness.encode() }
  }
}

function wireOf(sent: number, received: number): PeerResults['wire'] {
  return { sent, received, sentBytes: sent * PACKET_BYTES, receivedBytes: received * PACKET_BYTES }
}

/** One datagram in fifty is lost, each is a tenth larger than its payload, and a round trip takes 40 ms. */
function linksOf(count: number, { sent, received, sentBytes }: PeerResults['wire']): Metrics['links'] {
  const roundTrips = new Histogram()
  for (let link = 0; link < count; link++) roundTrips.record(40_000)
  return {
    silent: 0,
    roundTrip: roundTrips.encode(),
    sent: 50 * (sent + received),
    received: 49 * (sent + received),
    sentBytes: Math.round(1.1 * sentBytes),
    buffered: 100
  }
}
