/** Data points as a large mesh would send them, for the dashboard's soak benchmark. */
import { Histogram } from '../protocol/histogram'
import type { BatchPoint } from '../protocol/data-point'

export const INTERVAL_MS = 2000
const NEIGHBOURS = 5
/** A few links change all the time, so that the graph never settles. */
const CHANGES_EVERY = 15

/** The data point of each peer for one interval. @param startsAt start of the test, ms. */
export function* meshPoints(peers: number, interval: number, startsAt: number): Generator<BatchPoint> {
  const from = startsAt + interval * INTERVAL_MS
  for (let peer = 0; peer < peers; peer++) {
    const messages = (kind: keyof typeof LATENCIES, perSecond: number) => ({
      sent: perSecond * 2,
      received: perSecond * 2 * (peers - 1),
      duplicates: Math.round(perSecond * 1.3 * peers),
      latency: LATENCIES[kind][(peer + interval) % LATENCIES[kind].length]!
    })
    yield {
      peerId: idOf(peer),
      sequence: interval,
      interval: { from, until: from + INTERVAL_MS },
      connectedPeers: neighboursOf(peer, peers, interval),
      knownPeersCount: peers - 1,
      position: [peer, 0, interval % 50],
      messages: {
        position: messages('position', 10),
        profile: messages('profile', 1),
        chat: messages('chat', 0.5)
      },
      wire: {
        sent: 900,
        received: 4200 + ((peer * 37 + interval) % 500),
        sentBytes: 180_000,
        receivedBytes: 840_000
      },
      relayed: 820,
      expired: 2,
      ticks: { count: 125, latenessP50: 0.5, latenessP95: 3 + (interval % 7), latenessMax: 12 },
      clock: { offset: 0, error: 0.4 },
      connections: { open: NEIGHBOURS, created: 9 },
      group: 'blue'
    }
  }
}

/** As long as an Ethereum address, which real peers use as their id. */
const idOf = (peer: number) => `0x${(peer * 0x9e3779b1).toString(16).padStart(40, 'a').slice(0, 40)}`

function neighboursOf(peer: number, peers: number, interval: number): string[] {
  return Array.from({ length: NEIGHBOURS }, (_, i) => {
    const hop = 1 + i * i * 7
    const moved = peer % CHANGES_EVERY === Math.floor(interval / CHANGES_EVERY) % CHANGES_EVERY ? 1 : 0
    return idOf((peer + hop + moved) % peers)
  })
}

/** Several histograms, each of this many latencies from 5 ms up. */
function latenciesOf(values: number): string[] {
  return Array.from({ length: 40 }, (_, seed) => {
    const histogram = new Histogram()
    for (let i = 0; i < values; i++) {
      const uniform = ((i * 7919 + seed * 104_729) % 4001) / 4001
      histogram.record(5000 + 20_000 * -Math.log(1 - uniform * 0.9999))
    }
    return histogram.encode()
  })
}

/**
 * Latencies for one interval of 200 peers that each send ten positions, one profile and half a chat message
 * per second.
 */
const LATENCIES = { position: latenciesOf(4000), profile: latenciesOf(400), chat: latenciesOf(200) }
