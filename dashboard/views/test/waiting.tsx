/** A test without data: how many peers wait, and how to bring some. */
import { describeMesh } from '../../charts/force-graph'
import type { TestModel } from '../../model/test-model'

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
        <p>Started. The first data points come with the peers’ next report.</p>
      ) : (
        <p>
          Peers join with <code>{`TEST_ID=${state.id} npm run clients`}</code>, on as many machines as it
          takes.
          {wanted === undefined ? ' Start the test when enough are ready.' : ' The test starts by itself.'}
        </p>
      )}
    </section>
  )
}
