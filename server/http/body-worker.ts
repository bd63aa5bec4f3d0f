/** Worker thread that checks large bodies, so that no caller can keep the server's thread busy. */
import { parentPort } from 'node:worker_threads'
import type { RouteName } from '../../protocol/api'
import { Refusal } from '../../options/refusal'
import { checkBody } from './check-body'

export interface BodyOrder {
  number: number
  name: RouteName
  /** Transferred, not copied. */
  bytes: Uint8Array
}

export interface BodyAnswer {
  number: number
  json?: Uint8Array
  refusal?: Pick<Refusal, 'status' | 'code' | 'message' | 'field'>
}

parentPort!.on('message', ({ number, name, bytes }: BodyOrder) => {
  try {
    const { raw } = checkBody(name, Buffer.from(bytes.buffer))
    const json = new Uint8Array(typeof raw === 'string' ? new TextEncoder().encode(raw) : raw)
    parentPort!.postMessage({ number, json } satisfies BodyAnswer, [json.buffer])
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status, code, message, field } = error
    parentPort!.postMessage({ number, refusal: { status, code, message, field } } satisfies BodyAnswer)
  }
})
