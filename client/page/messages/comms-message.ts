/** The messages that peers send: Decentraland's own `CommsMessage`, in protobuf. */
import { Root } from 'protobufjs/light'
import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'

/** [x, y, z] in metres. */
export type Position = readonly [number, number, number]

export type Content =
  | { kind: 'position'; position: Position }
  | { kind: 'profile'; version: string; userId: string }
  | { kind: 'chat'; id: string; text: string }

export interface ReceivedMessage {
  kind: MessageKind
  /**
   * When the message was sent: ms since 1970, by the results server's clock as the sender knows it. Together
   * with sender and kind it identifies the message.
   */
  time: number
  /** ms from when the message was due to `time`; 0 if the sender does not say. */
  lateness: number
  /** The sender's position, if this is a position message. */
  position?: Position
}

const root = Root.fromJSON({
  nested: {
    PositionData: {
      fields: {
        positionX: { type: 'float', id: 1 },
        positionY: { type: 'float', id: 2 },
        positionZ: { type: 'float', id: 3 },
        rotationX: { type: 'float', id: 4 },
        rotationY: { type: 'float', id: 5 },
        rotationZ: { type: 'float', id: 6 },
        rotationW: { type: 'float', id: 7 }
      }
    },
    ProfileData: { fields: { profileVersion: { type: 'string', id: 1 }, userId: { type: 'string', id: 2 } } },
    ChatData: { fields: { messageId: { type: 'string', id: 1 }, text: { type: 'string', id: 2 } } },
    SceneData: { fields: { sceneId: { type: 'string', id: 1 }, text: { type: 'string', id: 2 } } },
    CommsMessage: {
      oneofs: { data: { oneof: ['positionData', 'profileData', 'chatData', 'sceneData'] } },
      fields: {
        time: { type: 'double', id: 1 },
        positionData: { type: 'PositionData', id: 2 },
        profileData: { type: 'ProfileData', id: 3 },
        chatData: { type: 'ChatData', id: 4 },
        sceneData: { type: 'SceneData', id: 5 },
        // Our own field; Decentraland's clients skip unknown fields. Always set, so that all messages of a
        // kind have the same size.
        lateness: { type: 'float', id: 15 }
      }
    }
  }
})
const CommsMessage = root.lookupType('CommsMessage')

interface Decoded {
  time: number
  lateness: number
  positionData?: { positionX: number; positionY: number; positionZ: number }
  data?: 'positionData' | 'profileData' | 'chatData' | 'sceneData'
}

/** `lateness`: ms from when the message was due to `time`. */
export function encodeMessage(time: number, content: Content, lateness = 0): Uint8Array {
  return CommsMessage.encode({ time, ...dataOf(content), lateness }).finish()
}

/** Undefined for a kind that routines do not send. Throws if the payload is not a protobuf message. */
export function decodeMessage(payload: Uint8Array): ReceivedMessage | undefined {
  const message = CommsMessage.decode(payload) as unknown as Decoded
  const kind = MESSAGE_KINDS.find((candidate) => `${candidate}Data` === message.data)
  if (kind === undefined) return undefined
  const { time, lateness, positionData } = message
  if (!positionData) return { kind, time, lateness }
  return {
    kind,
    time,
    lateness,
    position: [positionData.positionX, positionData.positionY, positionData.positionZ]
  }
}

function dataOf(content: Content): object {
  switch (content.kind) {
    case 'position': {
      const [positionX, positionY, positionZ] = content.position
      const rotation = { rotationX: 0, rotationY: 0, rotationZ: 0, rotationW: 1 }
      return { positionData: { positionX, positionY, positionZ, ...rotation } }
    }
    case 'profile':
      return { profileData: { profileVersion: content.version, userId: content.userId } }
    case 'chat':
      return { chatData: { messageId: content.id, text: content.text } }
  }
}
