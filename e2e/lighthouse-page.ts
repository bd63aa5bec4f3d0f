import { messageTypeOf } from '../client/peer-libraries/message-types'
import { PEER_LIBRARIES, type LibraryName } from '../client/peer-libraries'
import type { LibraryPeer } from '../client/peer-libraries/peer-library'

/** A few real peers of one library, which tell each other the present phase of the test again and again. */
export class Mesh {
  /** What has been heard: `phase sender>receiver`. */
  readonly heard = new Set<string>()
  phase = ''
  readonly #peers: LibraryPeer[] = []

  async start(library: LibraryName, lighthouseUrl: string, ids: string[]): Promise<void> {
    this.#peers.push(...ids.map((id, index) => this.#createPeer(library, lighthouseUrl, id, index)))
    await Promise.all(
      this.#peers.map(async (peer) => {
        await peer.awaitAccepted()
        await peer.join()
      })
    )
    setInterval(() => {
      const payload = new TextEncoder().encode(this.phase)
      // A peer has no room while the Lighthouse is gone: what it cannot send then, nobody hears.
      for (const peer of this.#peers)
        peer.send(payload, messageTypeOf('chat', 'faithful')).catch(() => undefined)
    }, 100)
  }

  connections(): number[] {
    return this.#peers.map((peer) => peer.connectedPeers().length)
  }

  #createPeer(library: LibraryName, lighthouseUrl: string, id: string, index: number): LibraryPeer {
    return PEER_LIBRARIES[library].createPeer({
      id,
      lighthouseUrl,
      position: () => [index, 0, index],
      iceServers: [],
      wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate },
      // A layers peer that comes back while it still dials somebody it has lost skips its first dials, and nobody dials
      // it. What then heals its mesh is the Lighthouse's answer to this regular request (by default every 30 s).
      config: { optimizeNetworkInterval: 3000 },
      onMessage: (sender, payload) => this.heard.add(`${new TextDecoder().decode(payload)} ${sender}>${id}`),
      onTrouble: (trouble) => {
        console.error(trouble)
      }
    })
  }
}

Object.assign(window, { meshes: { layers: new Mesh(), islands: new Mesh() } })
