/** The cases in which Chromium and the simulation are compared. Seeds were fixed before the first run. */
import type { CrossCase } from './both-engines'

const stand = { routine: 'stand', library: 'layers' } as const
const lines = (network: string, seed: number): CrossCase => ({
  ...{ ...stand, peers: 4, tabs: 4, mesh: 'full', network, seed }
})

export const CASES: readonly CrossCase[] = [
  { ...stand, peers: 4, tabs: 1, seed: 4101 },
  { ...stand, peers: 8, tabs: 1, seed: 8101 },
  { ...stand, peers: 8, tabs: 1, seed: 8102 },
  { ...stand, peers: 8, tabs: 2, seed: 8103 },
  { ...stand, peers: 10, tabs: 1, seed: 10101 },
  { ...stand, peers: 10, tabs: 1, seed: 10102 },
  { ...stand, peers: 12, tabs: 1, seed: 12101, messageTypes: 'deduplicated' },
  { ...stand, peers: 8, tabs: 1, seed: 8104, routine: 'loops' },
  { ...stand, peers: 8, tabs: 1, seed: 8105, routine: 'churn', duration: 20 },
  { ...stand, peers: 4, tabs: 1, seed: 4201, library: 'islands' },
  { ...stand, peers: 8, tabs: 1, seed: 8201, library: 'islands' },
  { ...stand, peers: 10, tabs: 2, seed: 10201, library: 'islands' },
  // The order of arrival (simulation/network/machine.ts) was fitted with 12101, but not with these.
  { ...stand, peers: 12, tabs: 1, seed: 12105, messageTypes: 'deduplicated' },
  { ...stand, peers: 12, tabs: 1, seed: 12106, messageTypes: 'deduplicated' },
  { ...stand, peers: 8, tabs: 1, seed: 8106, peerConfig: { maxConnections: 3, targetConnections: 2 } },
  // Peers on different lines, which take tabs of their own, in a full mesh: what arrives when decides relays.
  lines('home:3,3g:1', 770_601),
  lines('lan:2,4g:2', 770_602),
  lines('wifi-lossy:2,delay=5ms:2', 770_603),
  lines('delay=2ms:3,delay=200ms,loss=1%:1', 770_604),
  lines('home:2,4g:1,wifi-lossy:1', 770_605),
  lines('delay=20ms:2,delay=90ms:2', 770_606),
  { ...lines('home,6s:offline,9s:home', 770_701), duration: 20 },
  { ...lines('home,6s:offline,11s:home', 770_702), duration: 20 },
  { ...lines('delay=20ms:3,delay=20ms:1,6s:offline,10s:delay=20ms', 770_703), duration: 20 },
  { ...lines('4g,5s:offline,8s:4g', 770_704), duration: 20 },
  // Channels that the library could open instead of its reliable, ordered ones.
  { ...lines('wifi-lossy', 770_901), duration: 20, channel: { ordered: false } },
  { ...lines('wifi-lossy', 770_902), duration: 20, channel: { ordered: false, maxRetransmits: 0 } },
  { ...lines('delay=40ms,loss=3%', 770_903), duration: 20, channel: { ordered: false } },
  { ...lines('delay=40ms,loss=3%', 770_904), duration: 20, channel: { ordered: false, maxRetransmits: 0 } },
  // Seeds that nothing was fitted to.
  ...[4, 4, 6, 6, 8, 8, 8, 10, 10, 10, 12, 12].map((peers, index) => ({
    ...{ ...stand, peers, tabs: 1 as const, seed: 770_801 + index }
  }))
]
