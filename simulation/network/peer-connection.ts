/** RTCPeerConnection in memory. Only has what connections with data channels need. */
import { DOMException } from '../browser/dom-exception'
import { EPOCH } from '../engine/virtual-time'
import { HANDSHAKE_ROUND_TRIPS } from '../../cli/network/connecting'
import type { ConnectionRegistry } from './connection-registry'
import {
  OPEN,
  SimDataChannel,
  type Association,
  type ChannelFace,
  type ChannelOptions,
  type ChannelPage,
  type Sent
} from './data-channel'
import { eventOf, SimEvent } from './emitter'
import { isUsable } from './ice-servers'
import { SctpTransport } from './sctp-transport'
import type { SimNetwork } from './sim-network'
import { candidateOf, connectionIn, IceCandidate, isCandidate, sdpOf, SessionDescription } from './signals'
import { reportOf, type Path } from './stats'

/** ms that a browser takes to set up a connection besides round trips: keys, threads, pacing of checks. */
const SET_UP_MS = 20
/** ms that a browser takes to describe a session and to gather a candidate. */
const DESCRIBE_MS = 1.5
/**
 * ms without a response until Chromium considers a connection disconnected, and then failed
 * (webrtc/p2p/base/p2p_constants.cc: CONNECTION_WRITE_CONNECT_TIMEOUT and CONNECTION_WRITE_TIMEOUT).
 */
const DISCONNECTED_AFTER_MS = 5_000
const FAILED_AFTER_MS = 15_000

/**
 * By the connection's state, where ICE's has another name. In Chromium, ICE without an answer is
 * disconnected, and only the connection fails.
 */
const ICE_STATES: Readonly<Record<string, string>> = { connecting: 'checking', failed: 'disconnected' }

export type PeerNetwork = Pick<SimNetwork, 'delayOf' | 'isOpen' | 'association'>

export interface ConnectionPage extends ChannelPage {
  registry: ConnectionRegistry<SimPeerConnection>
  network: PeerNetwork
  /** Runs a task after so many ms of the page's signalling thread. */
  signal: (milliseconds: number, task: () => void) => void
}

const STATES_BEFORE = { offer: ['stable', 'have-local-offer'], answer: ['have-remote-offer'] } as const

const noMedia = (): [] => []

type Description = Pick<SessionDescription, 'type' | 'sdp'>

export class SimPeerConnection {
  localDescription: SessionDescription | null = null
  remoteDescription: SessionDescription | null = null
  signalingState = 'stable'
  iceConnectionState = 'new'
  iceGatheringState = 'new'
  connectionState = 'new'
  sctp: SctpTransport | null = null
  readonly getTransceivers = noMedia
  readonly getSenders = noMedia
  readonly getReceivers = noMedia
  private readonly channels: SimDataChannel[] = []
  /** Towards the other end, once connected. */
  private association: Association | undefined
  private nextChannelId: 0 | 1 = 0
  /** Which description it has set; until then, how many it has made, each with keys of its own. */
  private draft = 0
  private remote: SimPeerConnection | undefined
  private hasCandidate = false
  private isConnecting = false
  private hasEntered = false
  /** Whether this end's connectivity checks got no answer, and go on. */
  private isChecking = false
  private checksHeard = 0
  /** Virtual time (ms) since which no packets get through. */
  private cutSince: number | undefined
  private readonly id: number

  constructor(
    private readonly page: ConnectionPage,
    private readonly emit: (event: SimEvent) => void,
    configuration?: RTCConfiguration | null
  ) {
    const { iceTransportPolicy, iceServers = [] } = configuration ?? {}
    if (iceTransportPolicy === 'relay') page.refuse('RTCPeerConnection with iceTransportPolicy "relay"')
    const odd = iceServers.find((server) => !isUsable(server))
    if (odd) page.refuse(`RTCPeerConnection with the ICE server ${String(odd.urls)}`)
    this.id = page.registry.add(this)
  }

  get owner(): string {
    return this.page.registry.ownerOf(this.id)
  }

  get isClosed(): boolean {
    return this.connectionState === 'closed'
  }

  /** Whether it has heard that the other end has closed: no channel opens any more. */
  private get isAborted(): boolean {
    return this.channels.some(({ isAborted }) => isAborted)
  }

  /** Whether it has neither connected, nor failed, nor been closed. */
  private get isPending(): boolean {
    return this.connectionState === 'new' || this.connectionState === 'connecting'
  }

  createDataChannel(label: unknown, options?: ChannelOptions | null): ChannelFace {
    if (this.isClosed) throw wrongState("The RTCPeerConnection's signalingState is 'closed'.")
    const channel = this.makeChannel(String(label), options ?? {})
    if (channel.negotiated && this.holderOf(channel))
      throw new DOMException('RTCDataChannel creation failed', 'OperationError')
    this.channels.push(channel)
    if (!this.association) return channel.face
    if (!channel.negotiated) this.number(channel)
    // Opens in a later task, when the page has set its handlers.
    this.page.thread.after(0, () => this.start(channel))
    return channel.face
  }

  createOffer(options?: RTCOfferOptions): Promise<Description> {
    if (options?.iceRestart) this.page.refuse('RTCPeerConnection.createOffer() with iceRestart')
    // A browser would offer nothing to connect for, and gather no candidate.
    const isWanted = this.sctp ?? this.channels.some(({ readyState }) => readyState === 'connecting')
    if (!this.isClosed && !isWanted)
      this.page.refuse('RTCPeerConnection.createOffer() before createDataChannel()')
    return this.later(() => this.drafted('offer'))
  }

  createAnswer(): Promise<Description> {
    return this.later(() => this.drafted('answer'))
  }

  setLocalDescription(description?: Description): Promise<void> {
    if (description?.type !== 'offer' && description?.type !== 'answer')
      this.page.refuse('RTCPeerConnection.setLocalDescription() without an offer or answer')
    return this.later(() => {
      this.expect(...STATES_BEFORE[description.type as 'offer'])
      const given = connectionIn(description.sdp)
      if (description.sdp && given?.id !== this.id)
        this.page.refuse('RTCPeerConnection.setLocalDescription() with a changed description')
      const draft = given?.draft ?? (this.draft || 1)
      if (this.localDescription && draft !== this.draft)
        if (this.localDescription.type === 'answer')
          this.page.refuse('RTCPeerConnection.setLocalDescription() of what it made before its answer')
        else throw new DOMException("The order of m-lines doesn't match the offer's.", 'InvalidAccessError')
      this.draft = draft
      this.localDescription = this.described(description)
      this.change('signalingState', description.type === 'offer' ? 'have-local-offer' : 'stable')
      this.page.thread.after(DESCRIBE_MS, () => this.gather())
      this.maybeConnect()
    })
  }

  setRemoteDescription(description: Description): Promise<void> {
    return this.later(() => {
      if (description.type === 'answer') this.expect('have-local-offer')
      else if (description.type !== 'offer')
        this.page.refuse('RTCPeerConnection.setRemoteDescription() without an offer or answer')
      else if (this.signalingState === 'have-local-offer')
        this.page.refuse('RTCPeerConnection.setRemoteDescription() of an offer that rolls back its own')
      const described = connectionIn(description.sdp)
      const remote = described && this.page.registry.connections[described.id]
      if (!remote) this.page.refuse('RTCPeerConnection.setRemoteDescription() with a changed description')
      this.remote = remote
      this.hasCandidate ||= described.hasCandidate
      this.remoteDescription = this.described(description)
      this.change('signalingState', description.type === 'offer' ? 'have-remote-offer' : 'stable')
      this.maybeConnect()
    })
  }

  /** An empty candidate says that there are no more. One of another connection leads nowhere. */
  addIceCandidate(given?: RTCIceCandidateInit | null): Promise<void> {
    return this.later(() => {
      if (!given?.candidate) return
      const text = new IceCandidate(given).candidate
      if (!this.remoteDescription) throw wrongState('The remote description was null')
      if (!isCandidate(text)) this.page.refuse('RTCPeerConnection.addIceCandidate() with a changed candidate')
      this.hasCandidate ||= text === candidateOf(this.remote!.id)
      this.maybeConnect()
    })
  }

  /**
   * simple-peer looks up the selected candidate pair here, and retries until there is one. Both ends check
   * the path all the time: something has arrived on an open one since the last call. Datagrams are not
   * counted.
   */
  getStats(): Promise<Map<string, object>> {
    const hasTransport = this.sctp !== null && !this.isClosed
    const now = EPOCH + this.page.thread.time.now
    return Promise.resolve(reportOf(now, this.channels, hasTransport, this.path()))
  }

  close(): void {
    this.association?.abort?.()
    this.remote?.association?.deafen?.()
    for (const channel of this.channels) channel.shut()
    this.signalingState = this.connectionState = this.iceConnectionState = 'closed'
    this.remote?.notice()
  }

  /**
   * For the simulation: packets no longer come, or do again. The connection's states follow
   * Chromium's: disconnected if it was connected, then failed, unless the network recovers first. Its
   * channels stay open, but carry nothing.
   */
  notice(): void {
    const { remote, page } = this
    if (!remote || this.isClosed || !this.isConnecting || this.connectionState === 'failed') return
    if (!remote.isClosed && page.network.isOpen(this.owner, remote.owner)) {
      this.cutSince = undefined
      if (this.isChecking) this.connect(remote)
      if (this.connectionState === 'disconnected') this.setConnectionState('connected')
      return
    }
    if (this.cutSince !== undefined) return
    const since = (this.cutSince = page.thread.time.now)
    const later = (milliseconds: number, action: () => void) => {
      page.thread.after(milliseconds, () => {
        if (!this.isClosed && this.cutSince === since) action()
      })
    }
    later(DISCONNECTED_AFTER_MS, () => {
      if (this.connectionState === 'connected') this.setConnectionState('disconnected')
    })
    later(FAILED_AFTER_MS, () => {
      this.association?.cut?.()
      this.setConnectionState('failed')
    })
  }

  private drafted(type: 'offer' | 'answer'): Description {
    this.expect(...STATES_BEFORE[type])
    if (!this.localDescription) this.draft++
    return { type, sdp: this.sdp }
  }

  /** The first description brings the transport. */
  private described({ type, sdp }: Description): SessionDescription {
    this.sctp ??= new SctpTransport(
      () => ({
        isDescribed: this.localDescription !== null && this.remoteDescription !== null,
        isConnected: this.hasEntered,
        isClosed: this.isClosed || this.isAborted
      }),
      this.page.refuse
    )
    return new SessionDescription({ type, sdp })
  }

  private path(): Path | null {
    const { owner, remote, page } = this
    if (!remote || !this.hasEntered || this.isClosed) return null
    if (!remote.isClosed && page.network.isOpen(remote.owner, owner)) this.checksHeard++
    return {
      ports: [this.id, remote.id],
      roundTrip: page.network.delayOf(owner, remote.owner) + page.network.delayOf(remote.owner, owner),
      checksHeard: this.checksHeard,
      isConnected: this.connectionState === 'connected'
    }
  }

  /** Names the connection, and has its candidate once that is gathered. */
  private get sdp(): string {
    return sdpOf(this.id, this.draft, this.iceGatheringState !== 'new')
  }

  private expect(...states: readonly string[]): void {
    if (!states.includes(this.signalingState))
      throw wrongState(`Called in wrong state: ${this.signalingState}`)
  }

  /** Runs a task of the page a moment later, because a browser's other threads answer asynchronously. */
  private later<T>(action: () => T): Promise<T> {
    if (this.isClosed)
      return Promise.reject(wrongState("The RTCPeerConnection's signalingState is 'closed'."))
    return new Promise((resolve, reject) =>
      this.page.signal(DESCRIBE_MS, () => {
        if (this.isClosed) return
        try {
          resolve(action())
        } catch (error) {
          reject(error as Error)
        }
      })
    )
  }

  /** Emits the event of the state, too. */
  private change(state: 'signalingState' | 'iceGatheringState', value: string): void {
    if (this[state] === value) return
    this[state] = value
    this.emit(new SimEvent(`${state.toLowerCase()}change`))
  }

  private setConnectionState(state: string): void {
    const iceState = ICE_STATES[state] ?? state
    const isChanged = iceState !== this.iceConnectionState
    this.iceConnectionState = iceState
    this.connectionState = state
    if (isChanged) this.emit(new SimEvent('iceconnectionstatechange'))
    this.emit(new SimEvent('connectionstatechange'))
  }

  private gather(): void {
    if (this.isClosed || this.iceGatheringState !== 'new') return
    this.change('iceGatheringState', 'gathering')
    this.localDescription = this.described({ type: this.localDescription!.type, sdp: this.sdp })
    const candidate = new IceCandidate({ candidate: candidateOf(this.id), sdpMLineIndex: 0, sdpMid: '0' })
    this.emit(eventOf('icecandidate', { candidate }))
    this.change('iceGatheringState', 'complete')
    this.emit(eventOf('icecandidate', { candidate: null }))
  }

  /** The offering end is in charge. It connects once both ends have descriptions and one has a candidate. */
  private maybeConnect(): void {
    const { remote } = this
    if (!remote || this.isConnecting || this.isClosed) return
    if (!this.localDescription || !remote.localDescription) return
    if (!this.hasCandidate && !remote.hasCandidate) return
    if (!remote.remote) {
      this.awaitOffering()
      return
    }
    for (const end of [this, remote])
      if (connectionIn(end.remoteDescription!.sdp)!.draft !== end.remote!.draft)
        this.page.refuse('RTCPeerConnection with an offer or answer that its maker has not set')
    this.isConnecting = remote.isConnecting = true
    const [offering, answering] = this.localDescription.type === 'offer' ? [this, remote] : [remote, this]
    offering.connect(answering)
    for (const end of [this, remote]) {
      end.check()
      end.notice()
    }
  }

  /** The connectivity checks begin. */
  private check(): void {
    this.page.thread.after(0, () => {
      if (this.connectionState === 'new') this.setConnectionState('connecting')
    })
  }

  /** The offering end may never hear of the answer, and then answers no checks. */
  private awaitOffering(): void {
    this.check()
    this.page.thread.after(FAILED_AFTER_MS, () => {
      if (this.isPending && !this.isConnecting) this.setConnectionState('failed')
    })
  }

  private connect(answering: SimPeerConnection): void {
    const { page, owner } = this
    const { network } = page
    const roundTrip = network.delayOf(owner, answering.owner) + network.delayOf(answering.owner, owner)
    this.isChecking = false
    page.thread.after(SET_UP_MS + roundTrip * HANDSHAKE_ROUND_TRIPS, () => {
      if (!this.isPending || !answering.isPending) return
      // Without a path, the checks go on until `notice` hears of one.
      this.isChecking = !network.isOpen(owner, answering.owner)
      if (this.isChecking) return
      const [here, there] = [page.thread, answering.page.thread]
      const near = (this.association = network.association(owner, answering.owner, here, there))
      const far = (answering.association = network.association(answering.owner, owner, there, here))
      near.onAbort = () => far.cut?.()
      far.onAbort = () => near.cut?.()
      // The end that answers is DTLS's client, whose channels have even ids (RFC 8832).
      this.nextChannelId = 1
      this.enter()
      // The handshake's last packet.
      there.after(network.delayOf(owner, answering.owner), () => answering.enter())
    })
  }

  /** Connected, from this end's point of view. A packet may tell it earlier than its own clock. */
  private enter(): void {
    if (!this.isPending) return
    this.hasEntered = true
    this.setConnectionState('connected')
    for (const channel of [...this.channels]) this.start(channel)
    // The other end may have closed during the handshake's last packet.
    this.notice()
  }

  /** Announces a channel of this end to the other, and opens it. */
  private start(channel: SimDataChannel): void {
    const { remote, association } = this
    if (this.isClosed || this.isAborted || channel.readyState !== 'connecting') return
    if (channel.negotiated) {
      const deliver = (packet: Sent) => remote!.holderOf(channel)?.receive(packet)
      channel.join(association!.open(channel.reliability, deliver), remote!.page)
    } else this.announce(channel)
    channel.open()
  }

  private number(channel: SimDataChannel): void {
    channel.id = this.nextChannelId
    while (this.holderOf(channel)) channel.id += 2
  }

  /** Another channel with its id. That of a closed one is free again. */
  private holderOf(channel: SimDataChannel): SimDataChannel | undefined {
    const { id } = channel
    return this.channels.find((each) => each !== channel && each.id === id && each.readyState !== 'closed')
  }

  private announce(channel: SimDataChannel): void {
    const remote = this.remote!
    if (channel.id === null) this.number(channel)
    const { ordered, protocol, maxRetransmits: most, maxPacketLifeTime: longest } = channel
    const limits = { maxRetransmits: most ?? undefined, maxPacketLifeTime: longest ?? undefined }
    const far = remote.makeChannel(channel.label, { ordered, protocol, ...limits })
    far.id = channel.id
    far.join(remote.association!.open(channel.reliability, channel.receive.bind(channel)), this.page)
    const deliver = far.receive.bind(far)
    const transport = this.association!.open(channel.reliability, (packet) => {
      if (packet === OPEN) remote.accept(far)
      else deliver(packet)
    })
    channel.join(transport, remote.page)
    transport.send(OPEN)
  }

  /** By this end's page, whose realm has classes of its own: so are the channel's events and errors. */
  private makeChannel(label: string, options: ChannelOptions): SimDataChannel {
    return new SimDataChannel(label, options, this.page, this.id)
  }

  private accept(channel: SimDataChannel): void {
    if (this.isClosed) return
    this.enter()
    this.channels.push(channel)
    channel.open(() => this.emit(eventOf('datachannel', { channel: channel.face })))
  }
}

const wrongState = (message: string): DOMException => new DOMException(message, 'InvalidStateError')
