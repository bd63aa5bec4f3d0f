import type { Rates } from '../routine'
import { moving, USUAL_RATES } from './parts/sender'

/** A peer that stays at its place and sends at these rates. */
export const standing = (rates: Rates) =>
  moving(({ place }) => {
    return () => place
  }, rates)

export const stand = standing(USUAL_RATES)
