/** The handlers of all calls in the contract. */
import type { Handlers } from '../http/register'
import { comparisonHandlers } from './comparisons'
import { documentHandlers } from './documents'
import { lifecycleHandlers } from './lifecycle'
import { pageHandlers } from './pages'
import { statusHandlers } from './status'
import { submissionHandlers } from './submissions'
import type { Services } from './services'

export function makeHandlers(services: Services): Handlers {
  return {
    ...lifecycleHandlers(services),
    ...submissionHandlers(services),
    ...documentHandlers(services),
    ...pageHandlers(services),
    ...comparisonHandlers(services),
    ...statusHandlers(services)
  }
}
