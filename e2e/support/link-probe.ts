/**
 * Measures what a link really does: two connections of one page whose packets pass the tab's emulated link
 * twice, as between two peers. The channel is unreliable and unordered, so a lost packet is a lost message.
 */
import type { Browser, Page } from 'puppeteer'
import { parseNetwork } from '../../cli/network/parse'
import { emulateLink, type SetLink } from '../../runner/browser-line'
import { newTab } from '../../runner/launch'
import { drawLosses } from '../../runner/loss-draws'
import { acceptTestCode } from './test-code'

export interface Probe {
  /**
   * Sets the link to the first line of the network's text. With a step of 1, to the second: offline in
   * `home,1s:offline`.
   */
  set: (network: string, step?: number) => Promise<void>
  /** Sends `count` messages at `perSecond`. Returns the sorted one-way delays in ms of those that arrived. */
  send: (count: number, perSecond: number, patience?: number) => Promise<number[]>
  /** Share of the datagrams lost, one way, since the probe was opened. */
  datagramLoss: () => Promise<number>
  /**
   * Keeps the line busy for `seconds`, and returns its rates in bit/s: of messages, and of the datagrams that
   * carry them (SCTP and DTLS included, UDP and IP headers not).
   */
  flood: (seconds: number) => Promise<{ messages: number; datagrams: number }>
  /** Sends `count` numbered messages at `perSecond`, and returns the numbers of those that were lost. */
  lost: (count: number, perSecond: number) => Promise<number[]>
  /** Sorted times in ms of `count` consecutive requests to `path` on the page's server. */
  request: (path: string, count: number) => Promise<number[]>
  close: () => Promise<void>
}

/**
 * Opens a page of `url`'s server with the link already set, and connects its two ends. Before that, as many
 * `datagrams` pass through the link as a seed would draw, if any.
 */
export async function openProbe(
  browser: Browser,
  url: string,
  network: string,
  datagrams?: number
): Promise<Probe> {
  const page = await newTab(browser, new URL(url).origin)
  const setLink = await emulateLink(page, 1)
  if (datagrams !== undefined) await drawLosses(page, setLink, url, datagrams)
  await setStep(setLink, network, 0)
  await acceptTestCode(page)
  await page.goto(url)
  await page.evaluate(connect)
  return {
    set: (text, step = 0) => setStep(setLink, text, step),
    send: async (count, perSecond, patience = 0) => {
      const arrivals = await page.evaluate(send, count, perSecond, patience)
      return arrivals.map(({ sent, arrived }) => arrived - sent).sort((one, other) => one - other)
    },
    datagramLoss: () => page.evaluate(datagramLoss),
    flood: (seconds) => page.evaluate(flood, seconds),
    lost: async (count, perSecond) => {
      const arrived = new Set((await page.evaluate(send, count, perSecond, 0)).map(({ number }) => number))
      return Array.from({ length: count }, (_, number) => number).filter((number) => !arrived.has(number))
    },
    request: (path, count) => page.evaluate(request, path, count),
    close: () => closePage(page)
  }
}

async function setStep(setLink: SetLink, network: string, step: number): Promise<void> {
  await setLink(parseNetwork(network).parts[0].steps[step]!)
}

async function closePage(page: Page): Promise<void> {
  await page.browserContext().close()
}

interface Arrival {
  /** The message's place in its batch, from 0. */
  number: number
  /** ms. */
  sent: number
  arrived: number
}

/**
 * What the functions below share in the page: one that runs there cannot call others from this file.
 */
interface Ends {
  channel: RTCDataChannel
  sender: RTCPeerConnection
  receiver: RTCPeerConnection
  /** Identifies the messages of one call, so that late ones from an earlier call do not count. */
  batch: number
  arrivals: Arrival[]
  /** Begins a batch of messages of 1,000 bytes, so that each is a separate packet. */
  startBatch: () => void
  sendOne: (number: number) => void
  transportOf: (connection: RTCPeerConnection) => Promise<RTCTransportStats>
}
declare const window: Window & { ends: Ends }

async function connect(): Promise<void> {
  const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()]
  sender.onicecandidate = ({ candidate }) => void (candidate && receiver.addIceCandidate(candidate))
  receiver.onicecandidate = ({ candidate }) => void (candidate && sender.addIceCandidate(candidate))
  const channel = sender.createDataChannel('probe', { ordered: false, maxRetransmits: 0 })
  const message = new Float64Array(125)
  const ends: Ends = {
    ...{ channel, sender, receiver, batch: 0, arrivals: [] },
    startBatch: () => {
      message[2] = ++ends.batch
      ends.arrivals = []
    },
    sendOne: (number) => {
      message[0] = number
      message[1] = performance.now()
      channel.send(message)
    },
    transportOf: async (connection) => {
      for (const stats of (await connection.getStats()).values() as Iterable<RTCTransportStats>)
        if (stats.type === 'transport') return stats
      throw new Error('The connection has no transport')
    }
  }
  receiver.ondatachannel = ({ channel: received }) => {
    received.binaryType = 'arraybuffer'
    received.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const [number, sent, batch] = new Float64Array(data)
      if (batch === ends.batch)
        ends.arrivals.push({ number: number!, sent: sent!, arrived: performance.now() })
    }
  }
  const opened = new Promise((resolve) => (channel.onopen = resolve))
  await sender.setLocalDescription(await sender.createOffer())
  await receiver.setRemoteDescription(sender.localDescription!)
  await receiver.setLocalDescription(await receiver.createAnswer())
  await sender.setRemoteDescription(receiver.localDescription!)
  await opened
  window.ends = ends
}

/** Waits up to `patience` seconds until all messages have left, and two more for the last ones to arrive. */
async function send(count: number, perSecond: number, patience: number): Promise<Arrival[]> {
  const { ends } = window
  ends.startBatch()
  const begin = performance.now()
  for (let number = 0; number < count;) {
    const due = Math.min(count, ((performance.now() - begin) / 1000) * perSecond)
    for (; number < due; number++) ends.sendOne(number)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const allSent = performance.now()
  while (ends.channel.bufferedAmount > 0 && performance.now() - allSent < patience * 1000)
    await new Promise((resolve) => setTimeout(resolve, 50))
  await new Promise((resolve) => setTimeout(resolve, 2000))
  return ends.arrivals
}

async function datagramLoss(): Promise<number> {
  const { sender, receiver, transportOf } = window.ends
  const [from, to] = [await transportOf(sender), await transportOf(receiver)]
  return 1 - (to.packetsReceived ?? NaN) / (from.packetsSent ?? NaN)
}

/**
 * Never has more than 30 messages on their way: enough to keep the line busy, and too few to overflow its
 * queue. After a loss, SCTP would pause and leave the line idle.
 */
async function flood(seconds: number): Promise<{ messages: number; datagrams: number }> {
  const { ends } = window
  const received = async () => (await ends.transportOf(ends.receiver)).bytesReceived ?? NaN
  const MOST_ON_THEIR_WAY = 30
  ends.startBatch()
  const before = await received()
  const end = performance.now() + seconds * 1000
  let sent = 0
  while (performance.now() < end) {
    for (; sent - ends.arrivals.length < MOST_ON_THEIR_WAY; sent++) ends.sendOne(sent)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const times = ends.arrivals.map(({ arrived }) => arrived)
  if (times.length < sent) throw new Error(`${sent - times.length} of ${sent} messages were lost`)
  const bytesEach = ((await received()) - before) / times.length
  // The first messages wait for SCTP to open its window.
  const from = times.length >> 2
  const perSecond = ((times.length - 1 - from) * 1000) / (times.at(-1)! - times[from]!)
  return { messages: perSecond * 1000 * 8, datagrams: perSecond * bytesEach * 8 }
}

async function request(path: string, count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const begin = performance.now()
    await (await fetch(path)).text()
    times.push(performance.now() - begin)
  }
  return times.sort((one, other) => one - other)
}
