/**
 * Has large bodies checked by a worker thread. Only the parsing of checked JSON is left to the server's
 * thread: it takes as long as copying the parsed value from one thread to another, at most about 10 ms.
 */
import { setImmediate } from 'node:timers/promises'
import type { RouteName } from '../../protocol/api'
import { Refusal } from '../refusal'
import type { Body } from '../store/live-test'
import { WorkerCalls } from '../worker-file'
import type { BodyAnswer, BodyOrder } from './body-worker'

const worker = new WorkerCalls<BodyOrder, BodyAnswer>(__dirname, 'body-worker')
let lastTurn = Promise.resolve()
let lastCheck: Promise<unknown> = Promise.resolve()

/**
 * Checks one body after the other. Throws Refusal 400 or 413.
 *
 * @param isGone whether its caller was disconnected: its turn is skipped, and its memory free
 */
export async function checkLargeBody(
  name: RouteName,
  bytes: Buffer,
  isGone: () => boolean
): Promise<Body<unknown>> {
  const checking = lastCheck.then(() => {
    if (isGone()) throw new Refusal(400, 'body-cut-off', 'The caller is gone')
    // A buffer of its own can be transferred.
    const own = new Uint8Array(bytes)
    return worker.call({ name, bytes: own }, [own.buffer])
  })
  lastCheck = checking.catch(() => undefined)
  const { json, refusal } = await checking
  if (refusal) throw new Refusal(refusal.status, refusal.code, refusal.message, refusal.field)
  // In an event-loop turn that no other large body uses: clients estimate clock offsets from how quickly
  // `/time` answers.
  lastTurn = lastTurn.then(() => setImmediate())
  await lastTurn
  const raw = Buffer.from(json!.buffer)
  return { value: JSON.parse(raw.toString()), raw }
}
