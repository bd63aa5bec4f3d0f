import Long from 'long'
import * as islands from 'peer-islands'
import * as layers from 'peer-layers'
import * as protobuf from 'protobufjs/minimal'

// Without Long both libraries throw every packet away that they receive.
protobuf.util.Long = Long as unknown as typeof protobuf.util.Long
protobuf.configure()

interface LibraryPeer {
  awaitConnectionEstablished(timeoutMs?: number): Promise<unknown>
  setLayer?(layer: string): Promise<void>
  joinRoom(room: string): Promise<unknown>
  sendMessage(room: string, payload: unknown, type: object): Promise<void>
  connectedCount(): number
}
type PeerClass = new (
  lighthouseUrl: string,
  id: string,
  callback: (sender: string, room: string, payload: unknown) => void,
  config: object
) => LibraryPeer

const libraries = { layers: layers.Peer as PeerClass, islands: islands.Peer as unknown as PeerClass }
const reliable = { name: 'reliable', ttl: 10, expirationTime: 20_000, optimistic: false }

/** A few real peers of one library, which tell each other the present phase of the test again and again. */
export class Mesh {
  /** What has been heard: `phase sender>receiver`. */
  readonly heard = new Set<string>()
  phase = ''
  readonly #peers: LibraryPeer[] = []

  async start(library: keyof typeof libraries, lighthouseUrl: string, ids: string[]): Promise<void> {
    await Promise.all(ids.map((id, index) => this.#startPeer(libraries[library], lighthouseUrl, id, index)))
    setInterval(() => {
      // A peer has no room while the Lighthouse is gone: what it cannot send then, nobody hears.
      for (const peer of this.#peers) peer.sendMessage('room', this.phase, reliable).catch(() => undefined)
    }, 100)
  }

  connections(): number[] {
    return this.#peers.map((peer) => peer.connectedCount())
  }

  async #startPeer(Peer: PeerClass, lighthouseUrl: string, id: string, index: number): Promise<void> {
    const onMessage = (sender: string, _room: string, phase: unknown) =>
      this.heard.add(`${String(phase)} ${sender}>${id}`)
    const peer = new Peer(lighthouseUrl, id, onMessage, {
      connectionConfig: { iceServers: [] },
      authHandler: (challenge: string) => Promise.resolve(challenge),
      statusHandler: () => undefined,
      // A layers peer that comes back while it still dials somebody it has lost skips its first dials, and nobody dials
      // it. What then heals its mesh is the Lighthouse's answer to this regular request (by default every 30 s).
      optimizeNetworkInterval: 3000,
      positionConfig: { selfPosition: () => [index, 0, index] },
      logLevel: 'NONE'
    })
    await peer.awaitConnectionEstablished()
    await peer.setLayer?.('blue')
    await peer.joinRoom('room')
    this.#peers.push(peer)
  }
}

Object.assign(window, { meshes: { layers: new Mesh(), islands: new Mesh() } })
