import { USUAL_RATES } from './parts/sender'
import { standing } from './stand'

export const chatStorm = standing({ ...USUAL_RATES, chat: 10 })
