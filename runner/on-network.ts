/**
 * Puts the WebRTC of a Puppeteer or Playwright page on a bad line, without root and without a proxy. Chromium
 * only. What else the page loads keeps the machine's own network.
 */
import { engineOf } from '../cli/network/engine'
import type { Step } from '../cli/network/network'
import { parseNetwork } from '../cli/network/parse'
import { emulateLink } from './browser-line'

/** Both libraries' sessions of the Chrome DevTools Protocol. */
interface Session {
  send: (method: never, parameters: never) => Promise<unknown>
}
export interface PuppeteerPage {
  createCDPSession: () => Promise<Session>
}
export interface PlaywrightPage {
  context: () => { newCDPSession: (page: never) => Promise<Session> }
}

export interface Line {
  /** Changes the line of connections that exist, too. `offline` cuts them off, until the next change. */
  change: (network: string) => Promise<void>
}

/**
 * Call it once, before the page opens a connection: sockets that exist then keep the machine's own network.
 *
 * @param network a profile (`home`, `wifi-lossy`, `4g`, …) or figures (`delay=40ms,loss=1%`). They apply one
 *   way between two pages that are both on such a line; each page contributes its half (docs/networks.md).
 */
export async function onNetwork(page: PuppeteerPage | PlaywrightPage, network: string): Promise<Line> {
  const open =
    'createCDPSession' in page
      ? () => page.createCDPSession()
      : () => page.context().newCDPSession(page as never)
  let step = stepOf(network)
  const setLink = await emulateLink({ createCDPSession: open as never }, 1)
  const set = (next: Step) =>
    setLink(next).catch((error: unknown) => {
      throw new Error(`This browser cannot emulate a network for WebRTC: ${(error as Error).message}`)
    })
  await set(step)
  return {
    change: async (next) => {
      step = next === 'offline' ? { ...step, reach: 'nobody' } : stepOf(next)
      await set(step)
    }
  }
}

/** Throws an Error with one line for what one page's line cannot be. */
function stepOf(text: string): Step {
  const network = parseNetwork(text)
  const [part, ...others] = network.parts
  if (others.length > 0 || network.overrides.length > 0)
    throw new Error(`"${text}" describes several lines: a page has one`)
  if (part.steps.length > 1)
    throw new Error(`"${text}" changes with time: call change() when you want it to change`)
  if (engineOf(network) === 'relay')
    throw new Error(`"${text}" has jitter, burst, reorder or nat, which the browser cannot emulate`)
  return part.steps[0]
}
