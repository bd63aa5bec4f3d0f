/**
 * Chooses the engine that emulates a network: the browser itself if it can, otherwise the relay next to the
 * development Lighthouse (docs/networks.md).
 */
import type { Network, Step } from './network'

/** `none`: the machine's own network, unchanged. */
export type Engine = 'none' | 'browser' | 'relay'

/** The browser can emulate neither what varies over time, nor particular pairs, nor routers. */
export function engineOf({ parts, overrides }: Pick<Network, 'parts' | 'overrides'>): Engine {
  const steps = parts.flatMap(({ steps }) => steps)
  const needsRelay = ({ link: { jitter, burst, reorder, nat }, reach }: Step) =>
    jitter > 0 || burst > 0 || reorder > 0 || nat !== 'open' || reach === 'own part'
  if (overrides.length > 0 || steps.some(needsRelay)) return 'relay'
  return steps.some(({ text }) => text !== 'perfect') ? 'browser' : 'none'
}
