/** A test's life cycle: created, started, finished, deleted. */
import type { Handlers } from '../http/register'
import type { Services } from './services'
import { checkThresholds } from './thresholds'

export function lifecycleHandlers({ store }: Services) {
  return {
    createTest: ({ body }) => store.create(undefined, checkThresholds(body.value)),
    createTestWithId: ({ params, body }) => store.create(params.testId, checkThresholds(body.value)),
    startTest: ({ params }) => store.getLive(params.testId).start(),
    deleteTest: ({ params }) => store.delete(params.testId)
  } satisfies Partial<Handlers>
}
