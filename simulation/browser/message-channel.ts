/** MessageChannel within a page. */
import { EMIT, Emitter, MessageEvent, SET_HANDLER } from '../network/emitter'
import type { BrowserPage } from './host'
import { refuseTransfer, structuredClone } from './structured-clone'

/**
 * How long a message takes in Chromium, in ms. Without it, a page that polls by messages would poll for ever
 * at one point in virtual time.
 */
const DELAY_MS = 0.01

export function messageChannelOf({ thread, refuse }: BrowserPage): Record<string, unknown> {
  class MessagePort extends Emitter {
    other: MessagePort | undefined
    private isStarted = false
    private isClosed = false
    private readonly waiting: unknown[] = []

    /** A handler starts the port, a listener does not. */
    protected override [SET_HANDLER](type: string, handler: unknown): void {
      super[SET_HANDLER](type, handler)
      if (type === 'message') this.start()
    }

    postMessage(message: unknown, options?: unknown[] | { transfer?: unknown[] }): void {
      refuseTransfer(options, 'MessagePort.postMessage()', refuse)
      const { other } = this
      const copy = structuredClone(message)
      if (other) thread.after(DELAY_MS, () => other.arrive(copy))
    }

    /** Messages wait until the port is started. */
    start(): void {
      this.isStarted = true
      for (const data of this.waiting.splice(0)) thread.after(0, () => this.arrive(data))
    }

    close(): void {
      this.isClosed = true
      if (this.other) this.other.other = undefined
      this.other = undefined
    }

    private arrive(data: unknown): void {
      if (this.isClosed) return
      if (this.isStarted) this[EMIT](new MessageEvent('message', { data }))
      else this.waiting.push(data)
    }
  }
  class MessageChannel {
    readonly port1 = new MessagePort()
    readonly port2 = new MessagePort()
    constructor() {
      this.port1.other = this.port2
      this.port2.other = this.port1
    }
  }
  return { MessageChannel, MessagePort }
}
