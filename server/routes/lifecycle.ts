/** A test's life cycle: created, started, finished, deleted. */
import { parseThreshold } from '../../analysis/thresholds'
import type { Handlers } from '../http/register'
import { Refusal } from '../refusal'
import type { Services } from './services'

export function lifecycleHandlers({ store }: Services) {
  return {
    createTest: ({ body }) => store.create(undefined, checkThresholds(body.value)),
    createTestWithId: ({ params, body }) => store.create(params.testId, checkThresholds(body.value)),
    startTest: ({ params }) => store.getLive(params.testId).start(),
    deleteTest: ({ params }) => store.delete(params.testId)
  } satisfies Partial<Handlers>
}

/** Throws Refusal 400 naming an invalid threshold, before a test runs for hours in vain. */
function checkThresholds<T extends { thresholds: string[] }>(settings: T): T {
  for (const [index, text] of settings.thresholds.entries()) {
    try {
      parseThreshold(text)
    } catch (error) {
      const field = `thresholds[${index}]`
      throw new Refusal(400, 'bad-body', `${field}: ${(error as Error).message}`, field)
    }
  }
  return settings
}
