import { standing } from './stand'

/** The libraries drop a peer that is silent for 90 s, so it sends its position now and then. */
export const listen = standing({ position: 1 / 30, profile: 0, chat: 0 })
