/** Plants a fault that small meshes do not show: the build stops relaying once it knows many peers. */
import type { Builds } from '../plan'

/** The relay condition as it appears in the bundle, once for each generation of the library. */
const RELAYS = 'if (packet.hops < packet.ttl) {'

/** Changes a prepared build so that it stops relaying in meshes of more than `peers` peers. */
export function plantRelayFault([build]: Builds, peers: number): Builds {
  if (!build.code.includes(RELAYS)) throw new Error('The build has no such rule for relaying')
  const planted = `if (packet.hops < packet.ttl && Object.keys(this.knownPeers).length < ${peers}) {`
  return [{ ...build, code: build.code.replaceAll(RELAYS, planted) }]
}
