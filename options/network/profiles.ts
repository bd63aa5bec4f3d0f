/** Named networks. docs/networks.md cites the sources of the figures. */
import { PERFECT, type Link } from './link'

const MBIT = 1e6

const line = (figures: Partial<Link>): Link => ({ ...PERFECT, ...figures })

export const PROFILES: Readonly<Record<string, Readonly<Link>>> = {
  /** The network of the machine itself, unchanged. */
  perfect: PERFECT,
  lan: line({ delay: 2, down: 1000 * MBIT, up: 1000 * MBIT }),
  /** By cable or fibre. */
  home: line({ delay: 20, loss: 0.002, down: 100 * MBIT, up: 20 * MBIT }),
  'wifi-lossy': line({ delay: 30, loss: 0.03, down: 20 * MBIT, up: 10 * MBIT }),
  '4g': line({ delay: 70, loss: 0.005, down: 12 * MBIT, up: 12 * MBIT }),
  '3g': line({ delay: 300, loss: 0.01, down: 1.6 * MBIT, up: 0.768 * MBIT }),
  satellite: line({ delay: 600, loss: 0.01, down: 25 * MBIT, up: 3 * MBIT })
}
