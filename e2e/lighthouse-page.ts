import { messageTypeOf } from '../client/peer-libraries/message-types'
import { PEER_LIBRARIES } from '../client/peer-libraries'
import type { Generation } from '../protocol/names'
import type { LibraryPeer } from '../client/peer-libraries/peer-library'

/** A few real peers of one library, which keep sending each other the current phase of the test. */
export class Mesh {
  /** What peers have received: `phase sender>receiver`. */
  readonly heard = new Set<string>()
  phase = ''
  readonly #peers: LibraryPeer[] = []

  async start(library: Generation, lighthouseUrl: string, ids: string[]): Promise<void> {
    this.#peers.push(...ids.map((id, index) => this.#createPeer(library, lighthouseUrl, id, index)))
    await Promise.all(
      this.#peers.map(async (peer) => {
        await peer.awaitAccepted()
        await peer.join()
      })
    )
    setInterval(() => {
      const payload = new TextEncoder().encode(this.phase)
      // A peer has no room while the Lighthouse is down; what it fails to send then is lost.
      for (const peer of this.#peers)
        peer.send(payload, messageTypeOf('chat', 'faithful')).catch(() => undefined)
    }, 100)
  }

  connections(): number[] {
    return this.#peers.map((peer) => peer.connectedPeers().length)
  }

  #createPeer(library: Generation, lighthouseUrl: string, id: string, index: number): LibraryPeer {
    return PEER_LIBRARIES[library].createPeer({
      id,
      lighthouseUrl,
      position: () => [index, 0, index],
      connection: { iceServers: [] },
      wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate },
      // A layers peer that comes back while it still dials a peer it has lost skips its first dials, and
      // nobody dials it. Its mesh recovers only through the Lighthouse's response to this regular request
      // (every 30 s by default).
      config: { optimizeNetworkInterval: 3000 },
      onMessage: (sender, payload) => this.heard.add(`${new TextDecoder().decode(payload)} ${sender}>${id}`),
      onTrouble: (trouble) => console.error(trouble)
    })
  }
}

Object.assign(window, { meshes: { layers: new Mesh(), islands: new Mesh() } })
