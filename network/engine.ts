/**
 * Chooses the engine that emulates a network: the browser itself if it can, otherwise the relay next to the
 * development Lighthouse (docs/networks.md).
 */
import type { Network } from './network'

/** `none`: the machine's own network, unchanged. */
export type Engine = 'none' | 'browser' | 'relay'

/**
 * The browser can emulate neither jitter nor reordering, nor links between particular pairs, which a
 * partition needs.
 */
export function engineOf({ parts }: Pick<Network, 'parts'>): Engine {
  const steps = parts.flatMap(({ steps }) => steps)
  if (steps.some(({ link, reach }) => link.jitter > 0 || link.reorder > 0 || reach === 'own part'))
    return 'relay'
  return steps.some(({ text }) => text !== 'perfect') ? 'browser' : 'none'
}
