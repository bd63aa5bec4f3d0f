/** One peer of the library in the mesh, with all that is measured about it. */
import type { MessageKind } from '../protocol/names'
import type { PeerResults } from '../protocol/peer-results'
import { LIMITS } from '../protocol/limits'
import { forEachKind, Ledger } from './measurement/ledger'
import type { ServerClock } from '../clock/server-clock'
import { difference, Traffic, type WireCounts } from './measurement/traffic'
import { decodeMessage, encodeMessage, type Content, type Position } from './messages/comms-message'
import { messageTypeOf, type MessageTypes } from './peer-libraries/message-types'
import type { LibraryPeer, LibraryStats, PeerLibrary } from './peer-libraries/peer-library'

/** What all peers of a page have in common. */
export interface MeshSettings {
  library: PeerLibrary
  lighthouseUrl: string
  sessionId?: string
  iceServers: object[]
  /** ms; off where absent. */
  pingInterval?: number
  messageTypes: MessageTypes
  /** Options of the library that differ from the suite's. */
  config: Record<string, unknown>
  clock: ServerClock
}

/** Least distance of two messages' times, in ms: a double of today's date resolves 0.00025. */
const TIME_STEP_MS = 0.001
/** As many as the contract takes. */
const MAX_ERRORS = 20

export class MeshPeer {
  readonly ledger = new Ledger()
  readonly traffic: Traffic
  /** ms since the peer was made. */
  readonly connectionTimes: PeerResults['connectionTimes'] = {}
  readonly errors: string[] = []
  /** When it was in the room, by the server's clock. */
  presence: { joined: number; left?: number } | undefined
  /** Of the next data point. */
  sequence = 0
  /** The wire's counts at the last data point. */
  wireAtCut: WireCounts = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }

  private wireBefore: WireCounts | undefined
  private wireAfter: WireCounts | undefined
  private readonly peer: LibraryPeer
  private readonly madeAt = performance.now()
  private readonly lastTimes: Record<MessageKind, number> = forEachKind(() => 0)

  /** Makes the peer, which begins to connect. `position` tells where it is. */
  constructor(
    readonly id: string,
    private readonly settings: MeshSettings,
    position: () => Position
  ) {
    this.traffic = new Traffic((opened) => {
      if (opened === 1) this.connectionTimes.firstConnection = this.age()
      if (opened === 4) this.connectionTimes.fourthConnection = this.age()
    })
    this.peer = settings.library.createPeer({
      id,
      lighthouseUrl: settings.lighthouseUrl,
      ...(settings.sessionId !== undefined && { sessionId: settings.sessionId }),
      ...(settings.pingInterval !== undefined && { pingInterval: settings.pingInterval }),
      iceServers: settings.iceServers,
      config: settings.config,
      position,
      wrtc: this.traffic.webRtc(),
      onMessage: (sender, payload, relays) => {
        this.receive(sender, payload, relays)
      },
      onTrouble: (trouble) => {
        this.noteError(trouble)
      }
    })
  }

  /** Enters the room and waits for its group. Rejects with one line where it cannot. */
  async join(): Promise<void> {
    await this.enter()
    await this.awaitGroup()
  }

  /** Connects to the Lighthouse and enters the room. Rejects with one line where it cannot. */
  async enter(): Promise<void> {
    try {
      await this.peer.awaitAccepted()
    } catch {
      throw new Error(
        `The Lighthouse at ${this.settings.lighthouseUrl} does not accept peers: is it running (npm run lighthouse), and is lighthouseUrl right?`
      )
    }
    this.connectionTimes.socket = this.age()
    await this.peer.join()
  }

  /** Waits until it is in a layer or island: from then on it is present. Rejects with one line where that takes too long. */
  async awaitGroup(): Promise<void> {
    await this.peer.awaitGroup()
    this.connectionTimes.joined = this.age()
    this.presence = { joined: this.settings.clock.now() }
  }

  /** Sends a message to the room. */
  send(content: Content): void {
    const { kind } = content
    const time = Math.max(this.lastTimes[kind] + TIME_STEP_MS, this.settings.clock.now())
    this.lastTimes[kind] = time
    this.peer.send(encodeMessage(time, content), messageTypeOf(kind, this.settings.messageTypes)).then(
      () => {
        this.ledger.sent(kind, time)
      },
      () => {
        this.ledger.sendFailed(time)
      }
    )
  }

  async leave(): Promise<void> {
    await this.peer.dispose()
  }

  connectedPeers(): string[] {
    return this.peer.connectedPeers()
  }

  knownPeers(): number {
    return this.peer.knownPeers()
  }

  relayedPackets(): number {
    return this.peer.relayedPackets()
  }

  group(): string | undefined {
    return this.peer.group()
  }

  /** ms since it joined the room. */
  timeInRoom(): number {
    return this.presence ? this.settings.clock.now() - this.presence.joined : 0
  }

  /** The measured time begins for this peer; it ends by {@link endMeasured}. */
  beginMeasured(): void {
    this.wireBefore = { ...this.traffic.wire }
  }

  endMeasured(): void {
    this.wireAfter = { ...this.traffic.wire }
  }

  /** What passed on the wire in the measured time. */
  measuredWire(): WireCounts {
    const { wire } = this.traffic
    return difference(this.wireAfter ?? wire, this.wireBefore ?? this.wireAfter ?? wire)
  }

  endStatsPeriod(): LibraryStats {
    return this.peer.endStatsPeriod()
  }

  noteError(error: string): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push(error.slice(0, LIMITS.textLength))
  }

  private receive(sender: string, payload: Uint8Array, relays: number | undefined): void {
    const arrival = this.settings.clock.now()
    const message = decodeMessage(payload)
    if (!message) return
    this.ledger.received(sender, message.kind, message.time, arrival, relays)
    // As Decentraland's client does: the library chooses its connections by distance.
    if (message.position) this.peer.setPeerPosition(sender, message.position)
  }

  private age(): number {
    return performance.now() - this.madeAt
  }
}
