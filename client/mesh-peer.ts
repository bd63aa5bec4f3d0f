/** One peer of the library in the mesh, with everything measured about it. */
import type { ServerClock } from '../protocol/clock/server-clock'
import { forEachKind, type MessageKind } from '../protocol/names'
import type { PeerResults } from '../protocol/peer-results'
import { LIMITS } from '../protocol/limits'
import { Ledger } from './measurement/ledger'
import { difference, noTraffic, Traffic, type WireCounts } from './measurement/traffic'
import {
  decodeMessage,
  encodeMessage,
  KEEP_ALIVE,
  type Content,
  type Position
} from './messages/comms-message'
import { messageTypeOf } from './peer-libraries/message-types'
import type { Parameters } from './parameters'
import type { LibraryPeer, LibraryStats, PeerLibrary, PeerOptions } from './peer-libraries/peer-library'

/** Told of every recorded message that a peer sends or that reaches one, with the time that it carries. */
export interface MessageTrace {
  sent(sender: string, kind: MessageKind, time: number): void
  arrived(receiver: string, sender: string, kind: MessageKind, time: number): void
}

export interface MeshSettings
  extends
    Pick<PeerOptions, 'lighthouseUrl' | 'sessionId' | 'pingInterval' | 'config'>,
    Pick<Parameters, 'iceServers' | 'turn' | 'messageTypes'> {
  library: PeerLibrary
  /** The page's own clock until the server's is `known`, which rejects if the server cannot be asked. */
  clock: Pick<ServerClock, 'now'> & { readonly known: Promise<void> }
  /** Defaults to the browser's own. */
  webRtc?: PeerOptions['wrtc'] | undefined
  trace?: MessageTrace | undefined
}

/** Minimum distance between two messages' times, in ms. A double resolves today's date to 0.00025 ms. */
const TIME_STEP_MS = 0.001
/** How long a peer that leaves waits for its sends: less than a page drains. */
const SENDING_MS = 1000
/** The most that the contract accepts. */
const MAX_ERRORS = 20
/** What the contract accepts as an amount: not NaN, for example. */
const isAmount = (value: number) => value >= 0 && value <= 1e15

export class MeshPeer {
  readonly libraryPeer: LibraryPeer
  readonly ledger = new Ledger()
  readonly traffic: Traffic
  /** ms since the peer was created, excluding the time it waited for its turn to enter. */
  readonly connectionTimes: PeerResults['connectionTimes'] = {}
  readonly errors: string[] = []
  /** When the peer was in the room, by the server's clock. */
  presence: { joined: number; left?: number } | undefined
  /** Of the next data point. */
  sequence = 0
  wireAtCut = noTraffic()

  private wireBefore: WireCounts | undefined
  private wireAfter: WireCounts | undefined
  private readonly madeAt = performance.now()
  private readonly accepted: Promise<void>
  /** ms between being accepted and the peer's turn to enter. */
  private waited = 0
  private readonly lastTimes: Record<MessageKind, number> = forEachKind(() => 0)
  /** What the library has neither accepted nor refused yet. */
  private readonly sends = new Set<Promise<void>>()

  /** Creates the peer, which starts to connect. `position` returns its current position. */
  constructor(
    readonly id: string,
    private readonly settings: MeshSettings,
    position: () => Position
  ) {
    this.traffic = new Traffic((opened) => {
      if (opened === 1) this.connectionTimes.firstConnection = this.age()
      if (opened === 4) this.connectionTimes.fourthConnection = this.age()
    })
    this.libraryPeer = settings.library.createPeer({
      ...settings,
      id,
      connection: {
        iceServers: settings.iceServers as RTCIceServer[],
        ...(settings.turn === 'only' && { iceTransportPolicy: 'relay' })
      },
      position,
      wrtc: this.traffic.webRtc(settings.webRtc),
      onMessage: (sender, payload, relays) => this.receive(sender, payload, relays),
      onTrouble: (trouble) => this.noteError(trouble)
    })
    this.accepted = this.libraryPeer.awaitAccepted().then(() => {
      this.connectionTimes.socket = this.age()
    })
    // enter() reports the rejection.
    this.accepted.catch(() => undefined)
  }

  /** Enters the room and waits for its group. Rejects with one line if that fails. */
  async join(): Promise<void> {
    await this.enter()
    await this.awaitGroup()
  }

  /** Enters the room once the Lighthouse has accepted the peer. Rejects with one line if it cannot. */
  async enter(): Promise<void> {
    const turn = this.age()
    try {
      await this.accepted
    } catch {
      throw new Error(
        `The Lighthouse at ${this.settings.lighthouseUrl} does not accept peers: is it running (npx peer-perf lighthouse), and is lighthouseUrl right?`
      )
    }
    this.waited = Math.max(0, turn - this.connectionTimes.socket!)
    await this.libraryPeer.join()
  }

  /** Waits for a layer or island, where the peer is present. Rejects with one line if that takes too long. */
  async awaitGroup(): Promise<void> {
    await this.libraryPeer.awaitGroup?.()
    const joinedAt = performance.now()
    this.connectionTimes.joined = this.age()
    const { clock } = this.settings
    await clock.known
    // Send times are reported in whole ms, so only a whole one says exactly which messages came later.
    this.presence = { joined: Math.floor(clock.now() - (performance.now() - joinedAt)) }
  }

  /** Sends the position to keep the mesh from forgetting this peer. Nobody counts the message. */
  keepAlive(position: Position): void {
    this.transmit({ kind: 'position', position }, KEEP_ALIVE).catch(() => undefined)
  }

  /** Sends a message to the room. `lateness` is the time in ms since the message was due. */
  send(content: Content, lateness = 0): void {
    const { kind } = content
    const time = this.nextTime(kind)
    const sending = this.transmit(content, lateness, time)
      .then(
        () => {
          this.ledger.sent(kind, time)
          this.settings.trace?.sent(this.id, kind, time)
        },
        () => this.ledger.sendFailed(kind, time)
      )
      .finally(() => this.sends.delete(sending))
    this.sends.add(sending)
  }

  get isSending(): boolean {
    return this.sends.size > 0
  }

  /** Waits until the library has accepted or refused all messages, or has had the time to. */
  async awaitSends(): Promise<void> {
    const patience = new Promise((resolve) => setTimeout(resolve, SENDING_MS))
    await Promise.race([Promise.all(this.sends), patience])
  }

  skip(kind: MessageKind, lateness: number): void {
    this.ledger.skipped(kind, this.settings.clock.now() - lateness)
  }

  /** ms since the peer joined. */
  timeInRoom(): number {
    return this.presence ? this.settings.clock.now() - this.presence.joined : 0
  }

  beginMeasured(): void {
    this.wireBefore = { ...this.traffic.wire }
  }

  endMeasured(): void {
    this.wireAfter = { ...this.traffic.wire }
  }

  measuredWire(): WireCounts {
    const { wire } = this.traffic
    return difference(this.wireAfter ?? wire, this.wireBefore ?? this.wireAfter ?? wire)
  }

  /** The build's own statistics, without what the server would refuse together with all points of a batch. */
  endStatsPeriod(): LibraryStats {
    const stats = Object.entries(this.libraryPeer.endStatsPeriod())
    const refused = stats.flatMap(([name, value]) => (isAmount(value) ? [] : [name]))
    const error = `The build's own statistics are no amounts: ${refused.join(', ')}`
    if (refused.length > 0 && !this.errors.includes(error)) this.noteError(error)
    return Object.fromEntries(stats.filter(([name]) => !refused.includes(name)))
  }

  noteError(error: string): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push(error.slice(0, LIMITS.textLength))
  }

  private receive(sender: string, payload: Uint8Array, relays: number | undefined): void {
    const arrival = this.settings.clock.now()
    if (sender === this.id) {
      this.ledger.wrong('echoes')
      return
    }
    const message = decodeMessage(sender, payload)
    if (!message) {
      this.ledger.wrong('altered')
      this.noteError(`${payload.length} bytes from ${sender} are not what it sent`)
      return
    }
    const { kind, time, lateness, position } = message
    if (lateness !== undefined) {
      this.ledger.received(sender, kind, time, arrival, relays, lateness)
      this.settings.trace?.arrived(this.id, sender, kind, time)
    }
    // Like Decentraland's client, because the library chooses its connections by distance.
    if (position) this.libraryPeer.setPeerPosition(sender, position)
  }

  private transmit(content: Content, lateness: number, time = this.nextTime(content.kind)): Promise<void> {
    const payload = encodeMessage(this.id, time, content, lateness)
    const type = messageTypeOf(content.kind, this.settings.messageTypes)
    try {
      // Not every build's sendMessage is async: it may return nothing.
      return Promise.resolve(this.libraryPeer.send(payload, type))
    } catch (error) {
      // One that throws must not end the tick of all peers.
      return Promise.reject(error as Error)
    }
  }

  /** The time that the next message of a kind carries: later than all before it. */
  private nextTime(kind: MessageKind): number {
    return (this.lastTimes[kind] = Math.max(this.lastTimes[kind] + TIME_STEP_MS, this.settings.clock.now()))
  }

  private age(): number {
    return performance.now() - this.madeAt - this.waited
  }
}
