/** A test without data: how many peers are ready, and the command that adds some. */
import { describeMesh } from '../../charts/force-graph'
import { runnerCommandLine } from '../../../options/runner-command'
import { OPTIONS } from '../../../options/table'
import type { TestModel } from '../../model/test-model'

/**
 * The results server is the one that serves this page; the Lighthouse is the one that `npm run lighthouse`
 * starts.
 */
function joinCommand(testId: string): string {
  const lighthouseUrl = OPTIONS.lighthouseUrl.at.page.default
  return runnerCommandLine({ testId, resultsServerUrl: location.origin, lighthouseUrl })
}

export function Waiting({ model }: { model: TestModel }) {
  const state = model.state!
  if (state.finished) {
    return (
      <p class="empty">
        {model.isComplete ? 'This test ended without a data point.' : 'Loading its results…'}
      </p>
    )
  }
  const { ready } = state.peers
  const wanted = state.expectedPeers
  const mesh = model.mesh.at(model.mesh.latest)
  return (
    <section class="waiting" aria-live="polite">
      <p class="big">
        {wanted === undefined ? ready : `${ready} of ${wanted}`} <span>peers ready</span>
      </p>
      {wanted !== undefined && (
        <progress max={wanted} value={ready}>
          {ready} of {wanted}
        </progress>
      )}
      {mesh.nodes.length > 0 && <p>{describeMesh(mesh)}</p>}
      {state.state === 'running' ? (
        <p>Started. The first data points arrive with the peers’ next report.</p>
      ) : (
        <p>
          Peers join with <code>{joinCommand(state.id)}</code>, on as many machines as you need. Replace the
          Lighthouse’s address with yours.
          {wanted === undefined ? ' Start the test when enough are ready.' : ' The test starts by itself.'}
        </p>
      )}
    </section>
  )
}
