/** What emulates a network: the browser if it can, or the relay beside the Lighthouse (docs/networks.md). */
import { isRated, type Network, type Step } from './network'
import { parseNetwork } from './parse'

/** `none`: the machine's own network, unchanged. */
export type Engine = 'none' | 'browser' | 'relay'

/** The browser can emulate neither what varies over time, nor particular pairs, nor routers. */
export function engineOf({ parts, overrides }: Network): Engine {
  const steps = parts.flatMap(({ steps }) => steps)
  const needsRelay = ({ link: { jitter, burst, reorder, nat }, reach }: Step) =>
    jitter > 0 || burst > 0 || reorder > 0 || nat !== 'open' || reach === 'own part'
  if (overrides.length > 0 || steps.some(needsRelay)) return 'relay'
  return steps.some(({ text }) => text !== 'perfect') ? 'browser' : 'none'
}

/** Whether the peers of a tab share the sum of their lines' rates: the browser gives each tab one line. */
export function poolsRates(text: string): boolean {
  const network = parseNetwork(text)
  return engineOf(network) === 'browser' && network.parts.some(isRated)
}

const PEERS_PER_TAB = 10

export const usualPeersPerTab = (network: string) => (poolsRates(network) ? 1 : PEERS_PER_TAB)
