/** A test without data: how many peers are ready, and the command that adds some. */
import { useEffect, useState } from 'preact/hooks'
import { describeMesh } from '../../charts/force-graph'
import type { TestState } from '../../../protocol/test-life'
import { MOST_POINTS } from '../../model/follow'
import type { TestModel } from '../../model/test-model'
import { Quiet } from '../parts'

/** More peers than this need a machine that was measured first (docs/calibration.md). */
const PEERS_HERE = 10

function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => setCopied(false), [text])
  // Browsers give pages of plain http no clipboard, except on this machine.
  if (!('clipboard' in navigator)) return null
  return (
    <Quiet
      onClick={() => {
        navigator.clipboard.writeText(text).then(() => setCopied(true), console.error)
      }}
    >
      {isCopied ? 'Copied' : 'Copy'}
    </Quiet>
  )
}

export function Waiting({ model, needsToken }: { model: TestModel; needsToken: boolean }) {
  const state = model.state!
  if (state.state === 'finished') {
    return (
      <p class="empty">
        {!model.isComplete
          ? 'Loading its results…'
          : state.dataPointCount > MOST_POINTS
            ? 'This test is too large for a page to draw: the summary has its figures. Its charts are drawn while it runs.'
            : state.damage === undefined
              ? 'This test ended without a data point.'
              : `It has no data points to draw: ${state.damage}.`}
      </p>
    )
  }
  const { ready } = state.peers
  const wanted = state.expectedPeers
  const mesh = model.mesh.at(model.mesh.latest)
  const command = joinCommand(state, location.origin, needsToken)
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
        <>
          <p>
            Peers join with this command, on as many machines as you need, within {PEERS_HERE} peers each
            unless calibrated:
          </p>
          <p>
            <code>{command}</code> <CopyButton text={command} />
          </p>
          <p>
            Replace the Lighthouse’s address with yours{needsToken && ', and the dots with the submit token'}.
            {wanted === undefined ? ' Start the test when enough are ready.' : ' The test starts by itself.'}
          </p>
        </>
      )}
    </section>
  )
}

/**
 * The command that adds peers to a test, by the Lighthouse of `peer-perf lighthouse`. Names its variables
 * itself: the table of options would take a twentieth of the page.
 */
export function joinCommand(
  { id, expectedPeers, peers }: Pick<TestState, 'id' | 'expectedPeers' | 'peers'>,
  resultsServerUrl: string,
  needsToken: boolean
): string {
  const missing = Math.max(1, (expectedPeers ?? PEERS_HERE) - peers.ready)
  return [
    ...(needsToken ? ['RESULTS_SERVER_SUBMIT_TOKEN=…'] : []),
    `TEST_ID=${id} RESULTS_SERVER_URL=${resultsServerUrl} LIGHTHOUSE_URL=http://localhost:9000`,
    `PEERS_COUNT=${Math.min(PEERS_HERE, missing)} npx peer-perf clients`
  ].join(' ')
}
