/** Builds with a known fault, made by replacing text in the bundle of a published build. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

export interface PlantedFault {
  name: string
  /** Text that occurs exactly once in the bundle, and its replacement. */
  replace: readonly (readonly [string, string])[]
}

/** Places in the bundle of layers 0.2.20. */
export const PLACES = {
  /** At the top level, before any peer exists. */
  load: 'const TimeKeeper = {',
  /** In the constructor of a peer; `lighthouseUrl` is known. */
  create: 'this.instanceId = randomUint32();',
  /** Where a peer asks for its layer. */
  join: 'const { json } = yield this.httpClient.fetch(`/layers/${layer}`, {',
  /** Where the application sends `payload` to `roomId`: the function may return a promise before it. */
  send: 'const room = this.currentRooms.find((_room) => _room.id === roomId);',
  /** Where a peer sends its own packet to all of its neighbours. */
  sendOwn: `const packet = this.buildPacketWithData(type, data, packetProperties);
        this.sendPacket(packet);`,
  /** Where a packet is encoded for one neighbour. */
  encode: 'const data = Packet.encode(packet).finish();',
  /** Where a packet, own or relayed, goes to one neighbour. */
  transmit: 'this.wrtcHandler.sendPacketToPeer(peer, data);',
  /** Where a packet arrives, outside of the library's own `try`: the function may return before it. */
  arrive: `    handlePeerPacket(data, peerId) {
        if (this.disposed)
            return;
        try {`,
  /** Where a packet is decoded: the function may return before or after it. */
  receive: 'const packet = Packet.decode(Reader.create(data));',
  /** Where a message is handed to the application. */
  deliver:
    'this.callback(packet.src, messageData.room, this.decodePayload(messageData.payload, messageData.encoding), packet);',
  /** What decides whether a neighbour is connected. */
  connected: 'this.connectedPeers[peerId] && this.connectedPeers[peerId].connection.connected);'
} as const

/** An expression for a bundle: true in every `count`-th call. Each peer counts under `name`. */
export function every(count: number, name: string): string {
  return `(this.${name} = (this.${name} || 0) + 1) % ${count} === 0`
}

/** @throws Error if a text does not occur exactly once: the bundle is then not the expected one */
export function plant(bundle: string, { name, replace }: PlantedFault): string {
  return replace.reduce((text, [from, to]) => {
    const count = text.split(from).length - 1
    if (count !== 1)
      throw new Error(`Fault "${name}": its place occurs ${count} times in the bundle, not once`)
    return text.replace(from, () => to)
  }, bundle)
}

/**
 * Copies the build of package.json to `folder`, which it replaces, and plants the fault in the copy. Returns
 * its name for `--library`.
 */
export async function copyWithFault(fault: PlantedFault, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await cp(dirname(require.resolve('peer-layers/package.json')), folder, { recursive: true })
  const bundle = join(folder, 'bundle.js')
  await writeFile(bundle, plant(await readFile(bundle, 'utf8'), fault))
  return `file:${folder}`
}

/** Plants the fault in the build of package.json while a page is bundled. */
export function planting(fault: PlantedFault): Plugin {
  return {
    name: `fault ${fault.name}`,
    setup(build) {
      build.onLoad({ filter: /peer-layers\/bundle\.js$/ }, async ({ path }) => ({
        contents: plant(await readFile(path, 'utf8'), fault)
      }))
    }
  }
}
