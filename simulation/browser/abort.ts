/** AbortController and AbortSignal: https://dom.spec.whatwg.org/#aborting-ongoing-activities */
import { EMIT, Emitter, SimEvent } from '../network/emitter'
import { DOMException } from './dom-exception'
import type { BrowserPage } from './host'

export class AbortSignal extends Emitter {
  aborted = false
  reason: unknown = undefined

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }

  /** For the simulation. */
  trigger(reason: unknown = new DOMException('signal is aborted without reason', 'AbortError')): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this[EMIT](new SimEvent('abort'))
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal()
    signal.trigger(reason)
    return signal
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const any = new AbortSignal()
    for (const each of signals) {
      if (each.aborted) any.trigger(each.reason)
      each.addEventListener('abort', () => any.trigger(each.reason), { once: true })
    }
    return any
  }
}

export function abortOf({ thread }: BrowserPage): Record<string, unknown> {
  Object.assign(AbortSignal, {
    timeout: (milliseconds: number) => {
      if (!(milliseconds > -1 && milliseconds < 2 ** 53)) throw new TypeError(`${milliseconds} is no time`)
      const signal = new AbortSignal()
      thread.after(milliseconds, () => signal.trigger(new DOMException('signal timed out', 'TimeoutError')))
      return signal
    }
  })
  class AbortController {
    readonly signal = new AbortSignal()
    abort(reason?: unknown): void {
      this.signal.trigger(reason)
    }
  }
  return { AbortController, AbortSignal }
}
