/** Decentraland's own `CommsMessage`, in protobuf, with a stamp that shows whether a message is unchanged. */
import { Root } from 'protobufjs/light'
import { attempt } from '../../protocol/attempt'
import type { MessageKind } from '../../protocol/names'
import { checksum } from './checksum'

/** [x, y, z] in metres. */
export type Position = readonly [number, number, number]

export type Content =
  | { kind: 'position'; position: Position }
  | { kind: 'profile'; version: string; userId: string }
  | { kind: 'chat'; id: string; text: string }

const ROTATION = { rotationX: 0, rotationY: 0, rotationZ: 0, rotationW: 1 }

const fieldsOf = (type: string, names: string[]) => ({
  fields: Object.fromEntries(names.map((name, index) => [name, { type, id: index + 1 }]))
})

const root = Root.fromJSON({
  nested: {
    PositionData: fieldsOf('float', ['positionX', 'positionY', 'positionZ', ...Object.keys(ROTATION)]),
    ProfileData: fieldsOf('string', ['profileVersion', 'userId']),
    ChatData: fieldsOf('string', ['messageId', 'text']),
    CommsMessage: {
      fields: {
        time: { type: 'double', id: 1 },
        positionData: { type: 'PositionData', id: 2 },
        profileData: { type: 'ProfileData', id: 3 },
        chatData: { type: 'ChatData', id: 4 },
        // Our own field, and the last one: two bytes of lateness and two of checksum. Decentraland's clients
        // skip unknown fields. Always set, so that all messages of a kind have the same size.
        stamp: { type: 'fixed32', id: 15 }
      }
    }
  }
})
const CommsMessage = root.lookupType('CommsMessage')

interface Decoded {
  time: number
  stamp: number
  positionData: { positionX: number; positionY: number; positionZ: number } | null
  profileData: object | null
  chatData: object | null
}

/** Instead of a lateness: the message keeps the mesh alive, and nobody counts it. */
export const KEEP_ALIVE = -1

const CHECKSUM_BYTES = 2

/** `lateness`: ms from when the message was due to `time`, or {@link KEEP_ALIVE}. */
export function encodeMessage(sender: string, time: number, content: Content, lateness = 0): Uint8Array {
  const payload = CommsMessage.encode(messageOf(time, content, shortened(lateness))).finish()
  const covered = payload.length - CHECKSUM_BYTES
  const sum = checksum(sender, payload, covered)
  payload[covered] = sum & 0xff
  payload[covered + 1] = sum >>> 8
  return payload
}

/**
 * Undefined if the payload is not, to the last bit, what `sender` encoded. `time`: when it was sent, in ms
 * since 1970 by the server's clock as the sender knows it. `lateness`: ms from when it was due to `time`;
 * undefined if it only kept the mesh alive.
 */
export function decodeMessage(sender: string, payload: Uint8Array) {
  const covered = payload.length - CHECKSUM_BYTES
  const sum = payload[covered]! | (payload[covered + 1]! << 8)
  if (covered <= 0 || sum !== checksum(sender, payload, covered)) return undefined
  const message = attempt(() => CommsMessage.decode(payload) as unknown as Decoded)
  if (!message) return undefined
  const { time, stamp, positionData, profileData, chatData } = message
  const kind: MessageKind | null = positionData ? 'position' : profileData ? 'profile' : chatData && 'chat'
  if (!kind) return undefined
  const lateness = lengthened(stamp & 0xffff)
  const position: Position | undefined = positionData
    ? [positionData.positionX, positionData.positionY, positionData.positionZ]
    : undefined
  return { kind, time, lateness: lateness === KEEP_ALIVE ? undefined : lateness, position }
}

const bits = new DataView(new ArrayBuffer(4))

/** The upper half of a float: its whole range, to 0.4%. */
function shortened(value: number): number {
  bits.setFloat32(0, value)
  return (bits.getUint32(0) + 0x8000) >>> 16
}

function lengthened(half: number): number {
  bits.setUint32(0, half << 16)
  return bits.getFloat32(0)
}

function messageOf(time: number, content: Content, stamp: number): object {
  switch (content.kind) {
    case 'position': {
      const [positionX, positionY, positionZ] = content.position
      return { time, positionData: { positionX, positionY, positionZ, ...ROTATION }, stamp }
    }
    case 'profile':
      return { time, profileData: { profileVersion: content.version, userId: content.userId }, stamp }
    case 'chat':
      return { time, chatData: { messageId: content.id, text: content.text }, stamp }
  }
}
