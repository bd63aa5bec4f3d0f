/** Faults with a known answer, planted into the published library by replacing text in its bundle. */
import type { StandardCriterion } from '../../../analysis/gate/criteria'
import { every, PLACES, type PlantedFault } from '../../../libraries/testing/planted-build'
import { planted, type PlantedName } from '../../../libraries/testing/planted-builds'

export interface Fault extends PlantedFault {
  says: string
  /** The criterion (or one of them) to be reported as worse; pass; null: the build must not be worse. */
  expected: StandardCriterion | readonly StandardCriterion[] | 'pass' | null
}

/** The build in which the faults are planted. */
export const SOUND_BUILD = { name: 'decentraland-katalyst-peer', version: '0.2.20' } as const

const { load, transmit, sendOwn, receive, deliver, connected } = PLACES
export const FAULTS: readonly Fault[] = [
  { name: 'none', says: 'the same code', expected: null, replace: [[load, `/* unchanged */ ${load}`]] },
  {
    name: 'cpu',
    says: '33 µs more CPU for each packet received',
    expected: 'cpu',
    replace: [
      [receive, `${receive} for (const until = performance.now() + 0.033; performance.now() < until; );`]
    ]
  },
  {
    name: 'packets',
    says: '2% more packets: every 50th is sent twice',
    expected: 'traffic',
    replace: [[transmit, `${transmit} if (${every(50, 'plantedSends')}) ${transmit}`]]
  },
  {
    name: 'loss',
    says: '2% of the packets received are thrown away',
    expected: 'delivery',
    replace: [[receive, `if (${every(50, 'plantedReceived')}) return; ${receive}`]]
  },
  {
    name: 'delay',
    says: '4 ms on one send in 12',
    expected: 'latency',
    replace: [
      [
        sendOwn,
        `const packet = this.buildPacketWithData(type, data, packetProperties);
        if (${every(12, 'plantedOwn')}) setTimeout(() => this.sendPacket(packet), 4);
        else this.sendPacket(packet);`
      ]
    ]
  },
  {
    name: 'slowest',
    says: 'the slowest 8% of the messages are dropped',
    expected: 'delivery',
    replace: [
      [
        deliver,
        // A running estimate of the 92nd percentile of ages decides (Robbins & Monro 1951).
        `const age = performance.timeOrigin + performance.now() - packet.timestamp;
                if (this.plantedAge === undefined) this.plantedAge = age;
                const isSlow = age > this.plantedAge;
                this.plantedAge += isSlow ? 0.92 * 0.2 : -0.08 * 0.2;
                if (isSlow) return;
                ${deliver}`
      ]
    ]
  },
  {
    name: 'freeze',
    says: 'the page freezes for 800 ms every 20 s',
    // It waits in a loop, which needs CPU too: whichever is shown first ends the comparison.
    expected: ['latency', 'cpu'],
    replace: [
      [
        load,
        `const plantedFreeze = () => { for (const until = performance.now() + 800; performance.now() < until; ); };
setTimeout(() => { plantedFreeze(); setInterval(plantedFreeze, 20000); }, 12000);
${load}`
      ]
    ]
  },
  {
    name: 'split',
    says: 'the mesh splits in half of the runs',
    expected: 'stability',
    replace: [
      [
        load,
        `const plantedSplit = crypto.getRandomValues(new Uint8Array(1))[0] < 128;
const plantedSide = (id) => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 2;
${load}`
      ],
      [
        connected,
        `this.connectedPeers[peerId] && this.connectedPeers[peerId].connection.connected &&
            !(plantedSplit && plantedSide(this.peerId()) !== plantedSide(peerId)));`
      ]
    ]
  }
]

/**
 * What the gate must say of each planted build in virtual time. What throws while it loads is not here: it
 * does not run, which ends the comparison with exit code 1.
 */
const EXPECTED: Record<Exclude<PlantedName, 'throwsatload'>, Fault['expected']> = {
  chat50: 'delivery',
  profile5: 'delivery',
  // In a join of 1.1 s, what comes 3 s late does not come.
  chatlate: ['latency', 'delivery'],
  profilelate: 'latency',
  late8ms: 'latency',
  jitterbuffer: 'latency',
  dup: 'delivery',
  // Impossible figures make every run void, which counts as a lost attempt.
  echo: 'stability',
  echo10loss: 'stability',
  altertime: 'stability',
  bitflip: 'stability',
  ownwebrtc: 'stability',
  slowjoin: 'connecting',
  throw: 'errors',
  heartbeat: 'traffic',
  http5: 'traffic',
  relay1: 'delivery',
  relay2: 'delivery',
  'bytes1.5': 'traffic',
  suppress: 'pass',
  otherdraws: 'pass',
  splitmesh: 'stability',
  neverconnects: 'stability',
  slowclock: 'stability'
}

export const PLANTED_FAULTS: readonly Fault[] = [
  { name: 'unchanged', says: 'the same build', expected: 'pass', replace: [] },
  ...Object.entries(EXPECTED).map(([name, expected]): Fault => {
    return { ...planted(name as PlantedName), says: name, expected }
  })
]
