/** Named networks. docs/networks.md cites the sources of the figures. */
import { PERFECT, type Link } from './link'

export interface Profile {
  description: string
  link: Readonly<Link>
}

const MBIT = 1e6

const profile = (description: string, link: Partial<Link>): Profile => ({
  description,
  link: { ...PERFECT, ...link }
})

export const PROFILES: Readonly<Record<string, Profile>> = {
  perfect: profile('the network of the machine itself, unchanged', {}),
  lan: profile('one office or house, by cable', { delay: 2, down: 1000 * MBIT, up: 1000 * MBIT }),
  home: profile('home broadband by cable or fibre', {
    delay: 20,
    loss: 0.002,
    down: 100 * MBIT,
    up: 20 * MBIT
  }),
  'wifi-lossy': profile('home broadband behind weak Wi-Fi', {
    delay: 30,
    loss: 0.03,
    down: 20 * MBIT,
    up: 10 * MBIT
  }),
  '4g': profile('mobile, LTE', { delay: 70, loss: 0.005, down: 12 * MBIT, up: 12 * MBIT }),
  '3g': profile('mobile, 3G', { delay: 300, loss: 0.01, down: 1.6 * MBIT, up: 0.768 * MBIT }),
  satellite: profile('geostationary satellite', { delay: 600, loss: 0.01, down: 25 * MBIT, up: 3 * MBIT })
}
