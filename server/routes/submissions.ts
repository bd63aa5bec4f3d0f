/** Submissions of peers and runners. */
import type { Acknowledgement } from '../../protocol/api-answers'
import type { Handlers } from '../http/register'
import type { LiveTest } from '../store/live-test'
import type { Services } from './services'

export function submissionHandlers({ store, handIn }: Services) {
  const submit = <Answer extends Acknowledgement>(
    id: string,
    add: (test: LiveTest) => Promise<Answer>
  ): Promise<Answer> => {
    const test = store.getLive(id)
    return handIn.tell(test, add(test))
  }
  return {
    peerReady: ({ params }) => submit(params.testId, (test) => test.peerReady(params.peerId)),
    submitPoint: ({ params, body }) => submit(params.testId, (test) => test.addPoint(params.peerId, body)),
    submitPoints: ({ params, body }) => submit(params.testId, (test) => test.addPoints(body)),
    submitPeerResults: ({ params, body }) =>
      submit(params.testId, (test) => test.addPeerResults(params.peerId, body)),
    submitTopology: ({ params, body }) => submit(params.testId, (test) => test.addTopology(body)),
    submitRunnerSample: ({ params, body }) =>
      submit(params.testId, (test) => test.addRunnerSample(params.runnerId, body))
  } satisfies Partial<Handlers>
}
