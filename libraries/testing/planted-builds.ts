/**
 * Builds that a user of the mesh would not want, or would want, each by one change to the bundle of layers
 * 0.2.20. They show what the measurement, the validity rules and the gate can see.
 */
import { join } from 'node:path'
import { copyWithFault, every, PLACES, type PlantedFault } from './planted-build'

const { load, create, join: joinLayer, send, sendOwn, encode, arrive, receive, deliver } = PLACES
const DRAW = '0.5 - Math.random()'
const OTHER_DRAW = 'Math.random() - 0.5'

/** Sends every message whose type is `kind` after `milliseconds`. */
const late = (kind: string, milliseconds: number) =>
  `const plantedSend = () => this.sendPacketWithData({ messageData }, type);
        if (type.name === '${kind}') { setTimeout(plantedSend, ${milliseconds}); return Promise.resolve(); }
        return plantedSend();`
const SEND_DATA = 'return this.sendPacketWithData({ messageData }, type);'
const ECHO = `this.callback(this.peerIdOrFail(), roomId, payload, { hops: 1 }); ${send}`

/** Hands over a copy of the payload that `change` has changed. */
const delivered = (change: string) =>
  `const payload = this.decodePayload(messageData.payload, messageData.encoding).slice();
                ${change}
                this.callback(packet.src, messageData.room, payload, packet);`

const CHANGES = {
  /** Half of all chat messages are lost. */
  chat50: [[send, `if (type.name === 'chat' && ${every(2, 'planted')}) return Promise.resolve(); ${send}`]],
  /** 5% of all profiles are lost. */
  profile5: [
    [send, `if (type.name === 'profile' && ${every(20, 'planted')}) return Promise.resolve(); ${send}`]
  ],
  /** Chat comes 3 s late. */
  chatlate: [[SEND_DATA, late('chat', 3000)]],
  /** Profiles come 1.5 s late. */
  profilelate: [[SEND_DATA, late('profile', 1500)]],
  /** 8 ms on all messages. */
  late8ms: [
    [
      sendOwn,
      'const packet = this.buildPacketWithData(type, data, packetProperties); setTimeout(() => this.sendPacket(packet), 8);'
    ]
  ],
  /** The fastest 90% of the messages are held until the 90th percentile of their ages. */
  jitterbuffer: [
    [
      deliver,
      // A running estimate of the percentile (Robbins & Monro 1951).
      `const age = performance.timeOrigin + performance.now() - packet.timestamp;
                if (this.plantedAge === undefined) this.plantedAge = age;
                this.plantedAge += age > this.plantedAge ? 0.9 * 0.2 : -0.1 * 0.2;
                setTimeout(() => { ${deliver} }, Math.max(0, this.plantedAge - age));`
    ]
  ],
  /** The application gets every message twice. */
  dup: [[deliver, `${deliver} ${deliver}`]],
  /** The application gets its own messages. */
  echo: [[send, ECHO]],
  /** The same, and 10% of the arrivals are thrown away. */
  echo10loss: [
    [send, ECHO],
    [deliver, `if (!(${every(10, 'planted')})) ${deliver}`]
  ],
  /** The receiver changes the time in each message, in steps of 2 µs. */
  altertime: [
    [
      deliver,
      delivered(
        `this.plantedStep = (this.plantedStep || 0) + 0.002;
                const time = new DataView(payload.buffer, payload.byteOffset + 1, 8);
                time.setFloat64(0, time.getFloat64(0, true) + this.plantedStep % 1, true);`
      )
    ]
  ],
  /** One bit of the position is flipped in 25% of the position messages. */
  bitflip: [
    [deliver, delivered(`if (packet.subtype === 'position' && ${every(4, 'planted')}) payload[12] ^= 1;`)]
  ],
  /** The build uses the browser's own WebRTC and not the one that it is given. */
  ownwebrtc: [
    ['wrtc: providedConfig.wrtc,', 'wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate },']
  ],
  /** Joining takes 3 s longer. */
  slowjoin: [[joinLayer, `yield delay(3000); ${joinLayer}`]],
  /** 1 packet in 1,000 throws in its handler, and nothing catches the error. */
  throw: [
    [
      arrive,
      arrive.replace('{', () => `{ if (${every(1000, 'planted')}) throw new Error('planted: not caught');`)
    ]
  ],
  /** A heartbeat to the Lighthouse every 0.5 s instead of 5 s. */
  heartbeat: [['pingInterval: this.config.heartbeatInterval,', 'pingInterval: 500,']],
  /** 5 HTTP requests to the Lighthouse per second and peer. */
  http5: [[create, `${create} setInterval(() => fetch(lighthouseUrl + '/status').catch(() => {}), 200);`]],
  /** Messages that passed a relay are lost. */
  relay1: [[receive, `${receive} if (packet.hops >= 1) return;`]],
  /** Messages that passed two relays are lost. */
  relay2: [[receive, `${receive} if (packet.hops >= 2) return;`]],
  /** 1.5% more bytes in as many packets: every 64th has an unknown field of almost its own size. */
  'bytes1.5': [
    [
      encode,
      `let data = Packet.encode(packet).finish();
                if (${every(64, 'planted')}) {
                    const size = Math.round(0.96 * data.length) - 4;
                    data = Uint8Array.of(...data, 0xa2, 6, (size & 127) | 128, size >> 7, ...new Uint8Array(size));
                }`
    ]
  ],
  /** Better: copies of unreliable messages are recognised, and neither delivered nor relayed. */
  suppress: [['if (packet.discardOlderThan !== 0) {', 'if (true) {']],
  /** Harmless: the same random draws with the opposite sign, so that the meshes of one seed differ. */
  otherdraws: [
    [`pickBy(array, count, () => ${DRAW})`, `pickBy(array, count, () => ${OTHER_DRAW})`],
    [`distanceDiff === 0 ? ${DRAW}`, `distanceDiff === 0 ? ${OTHER_DRAW}`],
    [`we randomize\n            return ${DRAW}`, `we randomize\n            return ${OTHER_DRAW}`]
  ],
  /** Three peers in ten drop their links for good, 14 to 24 s after they were made. */
  splitmesh: [
    [
      create,
      `${create}
        if (Math.random() < 0.3) setTimeout(() => {
            this.updatingNetwork = true;
            Object.assign(this.wrtcHandler.config, {
                handshakeValidator: () => ({ ok: false }), receivedOfferValidator: () => ({ ok: false })
            });
            this.wrtcHandler.cleanConnections();
        }, 14000 + 10000 * Math.random());`
    ]
  ],
  /** No peer ever dials another. */
  neverconnects: [
    ['return yield this.wrtcHandler.connectTo(known.id);', "throw new Error('planted: never connects');"]
  ],
  throwsatload: [[load, `throw new Error('planted: throws while loading'); ${load}`]],
  /** The page's clock runs at 80% of its speed. */
  slowclock: [
    [
      load,
      `const plantedNow = performance.now.bind(performance);
performance.now = () => 0.8 * plantedNow(); ${load}`
    ]
  ]
} satisfies Record<string, PlantedFault['replace']>

export type PlantedName = keyof typeof CHANGES
export const PLANTED_NAMES = Object.keys(CHANGES) as PlantedName[]

export function planted(name: PlantedName): PlantedFault {
  return { name, replace: CHANGES[name] }
}

/** Writes the build to a folder within `parent`. Returns its name for `--library`. */
export function writePlanted(name: PlantedName, parent: string): Promise<string> {
  return copyWithFault(planted(name), join(parent, name))
}
