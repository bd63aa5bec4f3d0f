/** Triggers a plan's faults. */
import type { PeerSlot } from '../../client/peer-slot'
import type { VirtualTime } from '../engine/virtual-time'
import type { ConnectionRegistry } from '../network/connection-registry'
import type { SimPeerConnection } from '../network/peer-connection'
import type { SimNetwork } from '../network/sim-network'
import type { Fault } from '../fault-text'
import type { SimLighthouse } from './lighthouse'
import { mergedTimes, outagesOf, type Network } from '../../cli/network/network'

/** How long it takes until all peers of a storm have left or come back. */
export const STORM_MS = 1000

export interface FaultyWorld {
  time: VirtualTime
  network: SimNetwork
  registry: ConnectionRegistry<SimPeerConnection>
  lighthouse: Pick<SimLighthouse, 'goAway' | 'comeBack' | 'keepOut'>
  numberOf: (id: string) => number | undefined
  slotOf: (number: number) => Pick<PeerSlot, 'leave' | 'comeBack'> | undefined
}

/** Plans the network's outages, too. Times count from the start of the routines: `begin`, in virtual ms. */
export function planFaults(world: FaultyWorld, faults: readonly Fault[], text: Network, begin: number): void {
  const { time, network, lighthouse } = world
  const dead = new Set<number>()
  const partitions = faults.filter((fault) => fault.kind === 'partition')
  let holdsOnLighthouse = 0
  network.isCut = (from, to) =>
    dead.has(from) ||
    dead.has(to) ||
    partitions.some(
      ({ at, until, peers }) =>
        time.now >= begin + at * 1000 && time.now < begin + until * 1000 && from < peers !== to < peers
    )
  network.start(begin)
  const at = (milliseconds: number, action: () => void = () => undefined) =>
    time.at(begin + milliseconds, () => {
      action()
      // They may be cut, or not any more.
      for (const connection of world.registry.connections) connection.notice()
    })
  for (const fault of faults) {
    switch (fault.kind) {
      case 'death':
        at(fault.at * 1000, () => {
          dead.add(fault.peer)
          lighthouse.keepOut((id) => dead.has(world.numberOf(id) ?? -1))
          world.slotOf(fault.peer)?.leave(true)
        })
        break
      case 'partition':
        at(fault.at * 1000)
        at(fault.until * 1000)
        break
      case 'storm':
        for (let peer = 0; peer < fault.peers; peer++) {
          const later = (STORM_MS * peer) / fault.peers / 1000
          at((fault.at + later) * 1000, () => world.slotOf(peer)?.leave())
          at((fault.until + later) * 1000, () => world.slotOf(peer)?.comeBack())
        }
        break
      case 'lighthouse':
        at(fault.at * 1000, () => {
          holdsOnLighthouse++
          lighthouse.goAway()
        })
    }
  }
  // After all beginnings: one that begins as another ends keeps it away.
  for (const fault of faults)
    if (fault.kind === 'lighthouse')
      at(fault.until * 1000, () => {
        if (--holdsOnLighthouse === 0) lighthouse.comeBack()
      })
  for (const { from, to } of outagesOf(text))
    for (const change of [from, to]) if (Number.isFinite(change)) at(change)
}

/** When peers are cut off by the network's text or by a partition, in ms since the start of the routines. */
export function plannedOutages(text: Network, faults: readonly Fault[]): { from: number; until?: number }[] {
  const partitions = faults.flatMap((fault) =>
    fault.kind === 'partition' ? [{ from: fault.at * 1000, to: fault.until * 1000 }] : []
  )
  return mergedTimes([...outagesOf(text), ...partitions])
}
