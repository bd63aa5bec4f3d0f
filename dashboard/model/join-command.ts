/** The command that adds peers to a test. The table of options would take a twentieth of the page. */
import type { TestState } from '../../protocol/test-life'

/** More peers than this need a machine that was measured first (docs/calibration.md). */
export const PEERS_HERE = 10

/** The Lighthouse is the one that `peer-perf lighthouse` starts. */
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
