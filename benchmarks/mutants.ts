/** Builds with a bug that a mesh shows only under some conditions, and the invariant that must break. */
import { every, PLACES, type PlantedFault } from '../client/builds/testing/planted-build'
import type { Invariant } from '../simulation/explore/invariants'

export interface Mutant extends PlantedFault {
  /** Any of these counts as found. */
  breaks: readonly Invariant[]
}

const { receive: RECEIVE } = PLACES
const RELAY = 'if (packet.hops < packet.ttl) {'
const DELIVER = 'this.callback(packet.src, messageData.room,'
const SEND = 'this.wrtcHandler.sendPacketToPeer(peer, data);'
const DISCONNECTED = 'handleDisconnection(peerData) {'
const KEY = 'return `${packet.src}_${packet.instanceId}_${packet.sequenceId}`;'
const RETRY = 'this.setLighthouseUrl(this.lighthouseUrl());\n                    yield'
const KNOWN = 'Object.keys(this.knownPeers).length'

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'relays only while it knows at most 20 peers',
    breaks: ['lost', 'deaf'],
    replace: [[RELAY, `if (packet.hops < packet.ttl && ${KNOWN} <= 20) {`]]
  },
  {
    name: 'loses what passes two relays',
    breaks: ['lost', 'deaf'],
    replace: [[RELAY, 'if (packet.hops < 2) {']]
  },
  {
    name: 'is deaf for 4 s when two peers leave within a second',
    breaks: ['lost'],
    replace: [
      [
        DISCONNECTED,
        `${DISCONNECTED} const now = performance.now();
        if (now - (this.plantedLeave || -Infinity) < 1000) this.plantedDeafUntil = now + 4000;
        this.plantedLeave = now;`
      ],
      [RECEIVE, `if (performance.now() < this.wrtcHandler.plantedDeafUntil) return; ${RECEIVE}`]
    ]
  },
  {
    name: 'loses one message in 300',
    breaks: ['lost'],
    replace: [[DELIVER, `if (!(${every(300, 'planted')})) ${DELIVER}`]]
  },
  {
    name: 'takes messages of two senders for one',
    breaks: ['lost', 'deaf'],
    replace: [[KEY, 'return `${packet.sequenceId}`;']]
  },
  {
    name: 'forgets a peer after 2 s of silence',
    breaks: ['lost', 'split', 'deaf'],
    replace: [
      [
        'currentTimestamp - lastUpdate > PEER_CONSTANTS.KNOWN_PEERS_EXPIRE_TIME',
        'currentTimestamp - lastUpdate > 2000'
      ]
    ]
  },
  {
    name: 'does not notice that a connection has closed',
    breaks: ['lost', 'deaf', 'split', 'alone'],
    replace: [["connection.on('close', () => this.handleDisconnection(peerData));", '']]
  },
  {
    name: 'does not come back to the Lighthouse',
    breaks: ['lost', 'deaf', 'split', 'alone', 'failed'],
    replace: [[RETRY, 'return; yield']]
  },
  {
    name: 'throws when the fourth connection closes',
    breaks: ['thrown'],
    replace: [
      [
        DISCONNECTED,
        `${DISCONNECTED} if (${every(4, 'planted')}) setTimeout(() => { throw new Error('planted'); }, 0);`
      ]
    ]
  },
  {
    name: 'never connects once it knows 12 peers',
    breaks: ['failed', 'split', 'alone', 'deaf'],
    replace: [
      [
        'connectTo(known) {',
        `connectTo(known) { if (${KNOWN} >= 12) return Promise.reject(new Error('planted'));`
      ]
    ]
  },
  {
    name: 'stays alone after it has lost all connections',
    breaks: ['alone', 'split', 'deaf', 'lost'],
    replace: [
      [
        'connectTo(known) {',
        `connectTo(known) {
        if (this.connectedCount() > 0) this.plantedOnce = true;
        else if (this.plantedOnce) return Promise.reject(new Error('planted'));`
      ]
    ]
  },
  {
    name: 'sends every packet five times with more than 8 peers',
    breaks: ['traffic'],
    replace: [[SEND, `${SEND} if (${KNOWN} > 8) for (let copy = 0; copy < 4; copy++) ${SEND}`]]
  },
  {
    name: 'stops hearing a peer that has been away',
    breaks: ['lost', 'deaf'],
    replace: [
      [
        RECEIVE,
        `${RECEIVE} const plantedGap = performance.now() - ((this.plantedHeard ||= {})[packet.src] ?? performance.now());
            if (plantedGap > 3000) return;
            this.plantedHeard[packet.src] = performance.now();`
      ]
    ]
  }
]
