/**
 * Gives a tab its peers' link with Chromium's own emulation: every UDP datagram of WebRTC passes through one
 * simulated link on its way out and another on its way in (https://source.chromium.org,
 * services/network/throttling/throttling_p2p_network_interceptor.cc). All peers of a tab share its link.
 * Sockets pick it up when they are created, so it is set before the page loads and never removed.
 */
import type { Page, Protocol } from 'puppeteer'
import { shareOf } from '../cli/network/link'
import type { Step } from '../cli/network/network'

type Rules = Protocol.Network.EmulateNetworkConditionsByRuleRequest

const UNTOUCHED = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }

/** How long a narrow line queues packets, which under load have 1,200 bytes, before it drops them. */
const QUEUE_SECONDS = 0.25
const LEAST_QUEUE = 32
const PACKET_BITS = 1200 * 8

export type SetLink = (step: Step) => Promise<void>
/** A Lighthouse whose traffic takes a delay, in ms there and back, whatever the link's later steps are. */
type Signalling = Readonly<{ lighthouse: string; delay: number }>

/**
 * Call it before the page loads. The WebRTC of `peers` takes the link; with 0, it is left alone. With
 * `slow`, requests to the Lighthouse and the opening of its sockets take its delay.
 */
export async function emulateLink(page: Pick<Page, 'createCDPSession'>, peers: number, slow?: Signalling) {
  const session = await page.createCDPSession()
  // Without it in some session of the page, Chromium takes conditions and applies none.
  await session.send('Network.enable')
  return async (step: Step) => {
    await session.send('Network.emulateNetworkConditionsByRule', rulesFor(step, peers, slow))
  }
}

/**
 * Delays what passes a page's sockets to the Lighthouse: Chromium's rules delay only their opening. The delay
 * is that of one end, because the Lighthouse's own line is perfect. Call it before the page loads.
 */
export async function delaySockets(page: Page, { lighthouse, delay }: Signalling): Promise<void> {
  await page.evaluateOnNewDocument(delayFrames, new URL(lighthouse).host, delay / 2)
}

/** Runs in the page, where tsx's helpers for named functions do not exist. */
function delayFrames(host: string, milliseconds: number): void {
  const Native = WebSocket
  globalThis.WebSocket = class extends Native {
    private readonly isDelayed: boolean

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.isDelayed = new URL(this.url).host === host
      // The first listener of all: the others hear of the message when it has passed the line.
      this.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (!this.isDelayed || !event.isTrusted) return
        event.stopImmediatePropagation()
        setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data: event.data })), milliseconds)
      })
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (!this.isDelayed) super.send(data)
      else
        setTimeout(() => {
          if (this.readyState === Native.OPEN) super.send(data)
        }, milliseconds)
    }
  }
}

/** The rule without a pattern applies to WebRTC: requests with an address match a rule before it. */
export const rulesFor = (step: Step, peers: number, slow?: Signalling): Rules => ({
  offline: false,
  matchedNetworkConditions: [
    ...(slow
      ? [{ ...UNTOUCHED, latency: slow.delay, urlPattern: `*://${new URL(slow.lighthouse).host}/*` }]
      : []),
    ...(peers === 0 ? [] : [{ urlPattern: '*://*:*/*', ...UNTOUCHED }, conditionsOf(step, peers)])
  ]
})

/** One end of the link: Chromium applies it to what the tab sends and again to what it receives. */
function conditionsOf({ link, reach }: Step, peers: number): Protocol.Network.NetworkConditions {
  const { delay, loss, up, down } = shareOf(link)
  return {
    urlPattern: '',
    latency: latencyFor(delay),
    // As wide as the lines of all the tab's peers together.
    uploadThroughput: bytesPerSecond(up * peers),
    downloadThroughput: bytesPerSecond(down * peers),
    packetLoss: reach === 'nobody' ? 100 : loss * 100,
    // One length for both directions: 0 would be no limit, so it must not come from an unlimited one.
    packetQueueLength: queueOf(Math.min(up, down) * peers)
  }
}

/** Chromium takes whole milliseconds, and its link itself adds about 0.7 ms (docs/fidelity.md). */
const latencyFor = (delay: number) => (delay < 0.5 ? 0 : Math.max(1, Math.round(delay - 0.7)))

const bytesPerSecond = (rate: number) => (Number.isFinite(rate) ? rate / 8 : -1)

/** In packets; 0 if the rate is unlimited. */
const queueOf = (rate: number) =>
  Number.isFinite(rate) ? Math.max(LEAST_QUEUE, Math.round((rate * QUEUE_SECONDS) / PACKET_BITS)) : 0
