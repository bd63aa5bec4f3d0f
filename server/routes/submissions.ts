/** Submissions of peers and runners. */
import type { Handlers } from '../http/register'
import type { Services } from './services'

export function submissionHandlers({ store }: Services) {
  return {
    peerReady: ({ params }) => store.getLive(params.testId).peerReady(params.peerId),
    submitPoint: ({ params, body }) => store.getLive(params.testId).addPoint(params.peerId, body),
    submitPoints: ({ params, body }) => store.getLive(params.testId).addPoints(body),
    submitPeerResults: ({ params, body }) => store.getLive(params.testId).addPeerResults(params.peerId, body),
    submitTopology: ({ params, body }) => store.getLive(params.testId).addTopology(body),
    submitRunnerSample: ({ params, body }) =>
      store.getLive(params.testId).addRunnerSample(params.runnerId, body)
  } satisfies Partial<Handlers>
}
