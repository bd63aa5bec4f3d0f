/** The handlers of all calls in the contract. */
import { parseThreshold } from '../../analysis/thresholds'
import type { Acknowledgement } from '../../protocol/api-answers'
import { comparisonHandlers } from '../comparisons'
import type { Handlers } from '../http/register'
import { Refusal } from '../refusal'
import type { LiveTest } from '../store/live-test'
import { documentHandlers } from './documents'
import { pageHandlers } from './pages'
import type { Services } from './services'
import { statusHandlers } from './status'

export function makeHandlers(services: Services): Handlers {
  const { store, handIn } = services
  const submit = <Answer extends Acknowledgement>(
    id: string,
    add: (test: LiveTest) => Promise<Answer>
  ): Promise<Answer> => {
    const test = store.getLive(id)
    return handIn.tell(test, add(test))
  }
  return {
    createTest: ({ body }) => store.create(undefined, checkThresholds(body.value)),
    createTestWithId: ({ params, body }) => store.create(params.testId, checkThresholds(body.value)),
    startTest: ({ params }) => store.getLive(params.testId).start(),
    deleteTest: ({ params }) => store.delete(params.testId),

    peerReady: ({ params }) => submit(params.testId, (test) => test.peerReady(params.peerId)),
    submitPoint: ({ params, body }) => submit(params.testId, (test) => test.addPoint(params.peerId, body)),
    submitPoints: ({ params, body }) => submit(params.testId, (test) => test.addPoints(body)),
    submitPeerResults: ({ params, body }) =>
      submit(params.testId, (test) => test.addPeerResults(params.peerId, body)),
    submitTopology: ({ params, body }) => submit(params.testId, (test) => test.addTopology(body)),
    submitRunnerSample: ({ params, body }) =>
      submit(params.testId, (test) => test.addRunnerSample(params.runnerId, body)),

    ...documentHandlers(services),
    ...pageHandlers(services),
    ...comparisonHandlers(services.folder),
    ...statusHandlers(services)
  }
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
