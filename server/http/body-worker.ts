/** Worker thread that checks large bodies, so that no caller can keep the server's thread busy. */
import type { RouteName } from '../../protocol/api'
import { answerCalls } from '../worker-file'
import { checkBody } from './validation'

export interface BodyQuestion {
  name: RouteName
  bytes: Uint8Array
}

answerCalls(({ name, bytes }: BodyQuestion) => {
  const { raw } = checkBody(name, Buffer.from(bytes.buffer))
  // A buffer of its own can be transferred.
  return new Uint8Array(typeof raw === 'string' ? Buffer.from(raw) : raw)
})
