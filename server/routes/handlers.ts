/** What each call of the contract does. */
import type { Handlers } from '../http/register'
import { documentHandlers } from './documents'
import { lifecycleHandlers } from './lifecycle'
import { statusHandlers } from './status'
import { submissionHandlers } from './submissions'
import type { Services } from './services'

export function makeHandlers(services: Services): Handlers {
  return {
    ...lifecycleHandlers(services),
    ...submissionHandlers(services),
    ...documentHandlers(services),
    ...statusHandlers(services)
  }
}
