/**
 * What only a page as a whole can count: its traffic with the Lighthouse, and errors that nothing caught. The
 * globals count, because every build uses them in the end.
 */
import { attempt } from '../../protocol/attempt'
import type { PageShare } from '../../protocol/peer-results'
import { LIMITS } from '../../protocol/limits'
import { sizeOf } from './traffic'

const nothing = (): PageShare => ({
  uncaught: { count: 0 },
  lighthouse: { messages: 0, bytes: 0, requests: 0 }
})

// Assignable, unlike TypeScript's own declarations.
declare let fetch: typeof globalThis.fetch
declare let WebSocket: typeof globalThis.WebSocket

export class PageCounts {
  firstError: string | undefined
  /** What no results have shared yet. */
  private counted = nothing()
  /** Traffic counts only then. */
  isMeasured = false

  /** Counts from now on what the page exchanges with the Lighthouse at `url`. */
  watch(url: string): void {
    const host = hostOf(url)
    const isLighthouse = (address: string) => hostOf(address) === host
    const count = (data: unknown) => {
      if (!this.isMeasured) return
      const { lighthouse } = this.counted
      lighthouse.messages++
      lighthouse.bytes += sizeOf(data)
    }
    WebSocket = class extends WebSocket {
      private readonly isCounted: boolean

      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols)
        this.isCounted = isLighthouse(String(address))
        if (this.isCounted) this.addEventListener('message', ({ data }) => count(data))
      }

      override send(data: Parameters<WebSocket['send']>[0]): void {
        super.send(data)
        if (this.isCounted) count(data)
      }
    }
    const request = fetch
    fetch = (input, init) => {
      const address = input instanceof Object && 'url' in input ? input.url : String(input)
      if (this.isMeasured && isLighthouse(address)) this.counted.lighthouse.requests++
      return request(input, init)
    }
  }

  /** Counts from now on the errors that reach `window` because nothing caught them. */
  watchErrors(window: EventTarget): void {
    window.addEventListener('error', (event) => {
      const { message } = event as ErrorEvent
      // A missing image, for example, is an event without a message.
      if (typeof message === 'string') this.note(message)
    })
    window.addEventListener('unhandledrejection', (event) =>
      this.note(String((event as PromiseRejectionEvent).reason))
    )
  }

  /** What has been counted since the last call; of the traffic, only what belongs to the measured time. */
  takeShare(): PageShare {
    const share = this.counted
    this.counted = nothing()
    return share
  }

  get hasUnsharedErrors(): boolean {
    return this.counted.uncaught.count > 0
  }

  /** Counts an error that no peer's results can name. */
  note(error: string): void {
    this.firstError ??= error
    const { uncaught } = this.counted
    uncaught.count++
    uncaught.first ??= error.slice(0, LIMITS.textLength)
  }
}

/** Undefined for an address within the page's own site. */
const hostOf = (address: string) => attempt(() => new URL(address).host)
