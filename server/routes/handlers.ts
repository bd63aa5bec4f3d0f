import { open } from 'node:fs/promises'
import { parseThreshold } from '../../analysis/thresholds'
import { Refusal } from '../../cli/refusal'
import { comparisonHandlers } from '../comparisons'
import type { Handlers } from '../http/register'
import { pageOf } from '../store/test-files'
import { documentHandlers, sendStream } from './documents'
import type { Services } from './services'
import { statusHandlers } from './status'

export function makeHandlers(services: Services): Handlers {
  const { store } = services
  return {
    createTest: ({ body }) => store.create(undefined, checkThresholds(body.value)),
    createTestWithId: ({ params, body }) => store.create(params.testId, checkThresholds(body.value)),
    startTest: ({ params }) => store.getLive(params.testId).start(),
    deleteTest: ({ params }) => store.delete(params.testId),

    peerReady: ({ params }) => store.getLive(params.testId).peerReady(params.peerId),
    submitPoint: ({ params, body }) => store.getLive(params.testId).addPoint(params.peerId, body),
    submitPoints: ({ params, body }) => store.getLive(params.testId).addPoints(body),
    submitPeerResults: ({ params, body }) => store.getLive(params.testId).addPeerResults(params.peerId, body),
    submitTopology: ({ params, body }) => store.getLive(params.testId).addTopology(body),
    submitRunnerSample: ({ params, body }) =>
      store.getLive(params.testId).addRunnerSample(params.runnerId, body),

    putPage: ({ params, body }) => store.putPage(params.testId, body.raw),
    getPage: async ({ params: { testId }, response }) => {
      const page = await open(pageOf(store.getLive(testId).journal.path)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        throw new Refusal(404, 'no-page', `The test "${testId}" has no client page: give the runner one`)
      })
      await sendStream(page.createReadStream(), response)
    },

    ...documentHandlers(services),
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
