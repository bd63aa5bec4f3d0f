/**
 * What only a page as a whole can count: its traffic with the Lighthouse, and errors that nothing caught. The
 * globals count, because every build uses them in the end.
 */
import type { PageShare } from '../../../protocol/peer-results'
import { LIMITS } from '../../../protocol/limits'
import { difference, sizeOf } from './traffic'

type Counts = PageShare['lighthouse']

// Assignable, unlike TypeScript's own declarations.
declare let fetch: typeof globalThis.fetch
declare let WebSocket: typeof globalThis.WebSocket

export class PageCounts {
  private readonly lighthouse: Counts = { messages: 0, bytes: 0, requests: 0 }
  firstError: string | undefined
  private uncaught: PageShare['uncaught'] = { count: 0 }
  /** The counts that have been shared already, or that belong to the warm-up; undefined before its end. */
  private shared: Counts | undefined
  private atEnd: Counts | undefined

  /** Counts from now on what the page exchanges with the Lighthouse at `url`. */
  watch(url: string): void {
    const host = hostOf(url)
    const { lighthouse } = this
    const isLighthouse = (address: string) => hostOf(address) === host
    const count = (data: unknown) => {
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
      if (isLighthouse(input instanceof Object && 'url' in input ? input.url : String(input)))
        lighthouse.requests++
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

  beginMeasured(): void {
    this.shared = { ...this.lighthouse }
  }

  endMeasured(): void {
    this.atEnd = { ...this.lighthouse }
    // A test that is stopped within its warm-up has no measured time.
    this.shared ??= this.atEnd
  }

  /** What has been counted since the last call; of the traffic, only what belongs to the measured time. */
  takeShare(): PageShare {
    const { uncaught, lighthouse, atEnd, shared = lighthouse } = this
    const now = { ...(atEnd ?? lighthouse) }
    this.uncaught = { count: 0 }
    if (this.shared) this.shared = now
    return { uncaught, lighthouse: difference(now, shared) }
  }

  get hasUnsharedErrors(): boolean {
    return this.uncaught.count > 0
  }

  /** Counts an error that no peer's results can name. */
  note(error: string): void {
    this.firstError ??= error
    const { count, first = error.slice(0, LIMITS.textLength) } = this.uncaught
    this.uncaught = { count: count + 1, first }
  }
}

/** Undefined for an address within the page's own site. */
function hostOf(address: string): string | undefined {
  try {
    return new URL(address).host
  } catch {
    return undefined
  }
}
