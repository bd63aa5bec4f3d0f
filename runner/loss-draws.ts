/**
 * Lets the seed decide which packets a tab's link loses. Chromium starts every link with the same random
 * numbers and draws one for each datagram, so the n-th datagram of every tab would meet the same fate in
 * every run. To begin elsewhere in that sequence, datagrams that nobody needs pass through the link first.
 */
import type { Page } from 'puppeteer'
import { parseNetwork } from '../cli/network/parse'
import { SeededRandom } from '../protocol/random'
import type { SetLink } from './browser-line'

/** Keeps this draw independent of the seed's other uses. */
const STREAM = 0x6c6f7373
const MOST_DATAGRAMS = 1000

/** Quick and almost without loss, but with a link that draws a random number for each datagram. */
const WHILE_SENDING = parseNetwork('delay=2ms,loss=0.01%').parts[0].steps[0]

/** It names an icon, or Chromium would ask the server for one and report that there is none. */
const EMPTY_PAGE = {
  responseCode: 200,
  responseHeaders: [{ name: 'Content-Type', value: 'text/html' }],
  body: Buffer.from('<link rel="icon" href="data:," />').toString('base64')
}

/** How many datagrams the tab whose first peer is `peer` sends before its page loads. */
export function datagramsBefore(seed: number, peer: number): number {
  return new SeededRandom(seed, STREAM, peer).below(MOST_DATAGRAMS)
}

/**
 * Sends `datagrams` through the tab's link, on an empty page of the address's origin: Chromium keeps the link
 * and its place in the sequence when the tab loads another page. Acknowledgements draw, too, so the place is
 * approximate. Set the tab's own link afterwards.
 */
export async function drawLosses(page: Page, setLink: SetLink, address: string, datagrams: number) {
  await setLink(WHILE_SENDING)
  const session = await page.createCDPSession()
  session.once(
    'Fetch.requestPaused',
    ({ requestId }) => void session.send('Fetch.fulfillRequest', { requestId, ...EMPTY_PAGE })
  )
  await session.send('Fetch.enable')
  await page.goto(new URL('/', address).href)
  await session.detach()
  await page.evaluate(sendToItself, datagrams)
}

/**
 * Runs in the page, where tsx's helpers for named functions do not exist. A browser that cannot connect to
 * itself fails later, where it is reported.
 */
async function sendToItself(datagrams: number): Promise<void> {
  const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()]
  sender.onicecandidate = ({ candidate }) => void (candidate && receiver.addIceCandidate(candidate))
  receiver.onicecandidate = ({ candidate }) => void (candidate && sender.addIceCandidate(candidate))
  const channel = sender.createDataChannel('losses', { ordered: false, maxRetransmits: 0 })
  const opened = new Promise((resolve) => (channel.onopen = resolve))
  await sender.setLocalDescription()
  await receiver.setRemoteDescription(sender.localDescription!)
  await receiver.setLocalDescription()
  await sender.setRemoteDescription(receiver.localDescription!)
  await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 10_000))])
  if (channel.readyState === 'open') {
    // Of this size, no two messages share a datagram.
    for (let sent = 0; sent < datagrams; sent++) channel.send(new Uint8Array(1000))
    while (channel.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  sender.close()
  receiver.close()
}
