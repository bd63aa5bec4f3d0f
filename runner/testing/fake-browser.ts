/** A fake browser whose tabs report what a test tells them to, as a page would. */
import { EventEmitter } from 'node:events'
import type { Browser } from 'puppeteer'
import type { PageStatus } from '../../protocol/page'

/** Plays the part of a page, starting when it loads. */
export type Script = (tab: FakeTab) => unknown

export class FakeTab extends EventEmitter {
  address = new URL('about:blank')
  isStopped = false
  private readonly exposed = new Map<string, (argument: unknown) => unknown>()

  constructor(
    readonly browser: FakeBrowser,
    private readonly script: Script
  ) {
    super()
  }

  /** Peers that the page's address asks for. */
  get peers(): number {
    return Number(this.address.searchParams.get('numberOfPeers'))
  }

  /** Reports a status as the page does; the phase decides how many peers are ready or done. */
  report(phase: PageStatus['phase'], more: Partial<PageStatus> = {}): void {
    const { peers } = this
    this.exposed.get('reportToRunner')!({
      phase,
      peers: { wanted: peers, ready: phase === 'connecting' ? 0 : peers, done: phase === 'done' ? peers : 0 },
      connected: 2 * peers,
      messagesReceived: 0,
      messagesSent: 0,
      tickLatenessP95: 0,
      connectionsCreated: 0,
      ...more
    } satisfies PageStatus)
  }

  exposeFunction(name: string, does: (argument: unknown) => unknown): Promise<void> {
    this.exposed.set(name, does)
    return Promise.resolve()
  }

  async goto(address: string): Promise<void> {
    this.address = new URL(address)
    await this.script(this)
  }

  /** The only text that the runner evaluates is the stop. Of its script, this page misses nothing. */
  evaluate(what: unknown): Promise<boolean> {
    if (typeof what === 'string') {
      this.isStopped = true
      this.emit('stop')
    }
    return Promise.resolve(false)
  }
}

export class FakeBrowser extends EventEmitter {
  readonly tabs: FakeTab[] = []
  isClosed = false

  constructor(private readonly script: Script) {
    super()
  }

  /** This browser as the part of puppeteer's Browser that runners use. */
  get asBrowser(): Browser {
    return this as unknown as Browser
  }

  version = () => Promise.resolve('FakeChrome/1')
  process = () => null

  createBrowserContext() {
    const newPage = () => {
      const tab = new FakeTab(this, this.script)
      this.tabs.push(tab)
      return Promise.resolve(tab)
    }
    return Promise.resolve({ newPage, setPermission: () => Promise.resolve() })
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}
