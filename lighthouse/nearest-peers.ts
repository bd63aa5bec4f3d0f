import { notify } from './messages'
import type { Peer } from './peers'
import { distanceBucket, distanceXZ, type Position } from './positions'

const SOURCE = '__lighthouse_response__'
const MAX_SUGGESTIONS = 100

/**
 * Answers a layers peer whose heartbeat asks which peers it should be connected to: the users of its layer,
 * nearest first. Without a layer or a position, the answer has no payload.
 *
 * @param maxDistance maximum distance of suggested users, in metres
 */
export function answerOptimalNetwork(peer: Peer, maxDistance: number): void {
  const { layer, position } = peer
  const payload =
    layer && position
      ? { layerId: layer.id, optimalConnections: nearest(peer, position, layer.users.values(), maxDistance) }
      : undefined
  notify(peer, SOURCE, 'OPTIMAL_NETWORK_RESPONSE', payload)
}

function nearest(peer: Peer, from: Position, users: Iterable<Peer>, maxDistance: number) {
  return [...users]
    .flatMap(({ id, position }) =>
      id !== peer.id && position ? [{ id, position, metres: distanceXZ(from, position) }] : []
    )
    .filter(({ metres }) => metres <= maxDistance)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ id, position, metres }) => ({ id, distance: distanceBucket(metres), position }))
}
