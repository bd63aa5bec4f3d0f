/**
 * Adapter for `decentraland-katalyst-peer` 0.1.12 (generation A of docs/peer-libraries.md), which predates
 * every current Lighthouse. A shim answers the challenge, joins the layer, and carries bytes as text. Results
 * name it in the version.
 */
import * as library from 'peer-layers'
import { LAYER, ROOM, type LibraryPeer, type PeerLibrary, type PeerOptions } from './peer-library'

interface FirstPeer {
  /** Where it looks up rooms. */
  lighthouseUrl: string
  readonly peers: Record<string, { reliableConnection: { connected: boolean; destroy(): void } }>
  readonly currentRooms: { users: Map<string, unknown> }[]
  readonly peerJsConnection: { disconnect(): void }
  log: () => void
  joinRoom(room: string): Promise<unknown>
  sendMessage(room: string, payload: string): Promise<void>
}

const { Peer } = library as unknown as {
  Peer: new (
    lighthouseUrl: string,
    id: string,
    callback: (sender: string, room: string, payload: string) => void,
    config: Record<string, unknown>
  ) => FirstPeer
}

/** The library has no timeout of its own. */
const ACCEPTED_WITHIN_MS = 10_000

export const layers: PeerLibrary = {
  build: { ...PEER_LIBRARY_BUILDS.layers, version: `${PEER_LIBRARY_BUILDS.layers.version}+shim` },

  createPeer(options): LibraryPeer {
    const token = crypto.randomUUID()
    const shim = challengeShim(options.id)
    let isMember = false
    const onPayload = (sender: string, _room: string, payload: string) =>
      options.onMessage(sender, bytesOf(payload), undefined)
    const peer = new Peer(options.lighthouseUrl, options.id, onPayload, {
      connectionConfig: options.connection,
      wrtc: options.wrtc,
      token,
      socketBuilder: shim.openSocket,
      relay: 0,
      ...options.config
    })
    // The library has no log level and would log every event to the console.
    peer.log = () => undefined
    return {
      awaitAccepted: () => shim.accepted,
      join: async () => {
        await joinLayer(options, token)
        peer.lighthouseUrl = layerUrl(options)
        await peer.joinRoom(ROOM)
        isMember = true
      },
      send: (payload) => peer.sendMessage(ROOM, textOf(payload)),
      // The library does not handle positions.
      setPeerPosition: () => undefined,
      connectedPeers: () =>
        Object.entries(peer.peers).flatMap(([id, { reliableConnection }]) =>
          reliableConnection.connected ? [id] : []
        ),
      // The peer itself is among the users.
      knownPeers: () => Math.max(0, (peer.currentRooms[0]?.users.size ?? 0) - 1),
      relayedPackets: () => 0,
      group: () => (isMember ? LAYER : undefined),
      endStatsPeriod: () => ({}),
      dispose: () => {
        for (const { reliableConnection } of Object.values(peer.peers)) reliableConnection.destroy()
        peer.peerJsConnection.disconnect()
        return Promise.resolve()
      }
    }
  }
}

/** Answers the challenge on the peer's socket, because the library does not handle it. */
function challengeShim(src: string) {
  let accept: () => void
  const accepted = new Promise<void>((resolve, reject) => {
    accept = resolve
    setTimeout(() => reject(new Error('The Lighthouse did not accept the peer in time')), ACCEPTED_WITHIN_MS)
  })
  const openSocket = (url: string): WebSocket => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const { type, payload } = JSON.parse(data) as { type: string; payload?: unknown }
      if (type === 'OPEN') socket.send(JSON.stringify({ type: 'VALIDATION', src, payload }))
      if (type === 'VALIDATION_OK') accept()
    })
    return socket
  }
  return { accepted, openSocket }
}

const layerUrl = ({ lighthouseUrl }: PeerOptions) => `${lighthouseUrl.replace(/\/+$/, '')}/layers/${LAYER}`

async function joinLayer(options: PeerOptions, token: string): Promise<void> {
  const { id } = options
  const response = await fetch(layerUrl(options), {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'X-Peer-Token': token },
    body: JSON.stringify({ id, userId: id, peerId: id })
  })
  if (!response.ok) throw new Error(`The Lighthouse refuses the layer: ${response.status}`)
}

const textOf = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const bytesOf = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
