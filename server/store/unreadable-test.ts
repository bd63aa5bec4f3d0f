/** How the server reports a test whose file cannot be read. */
import type { TestState } from '../../protocol/test-life'
import type { UnreadableTest } from './open-folder'

/** The test's entry in the list of tests. */
export function unreadableState({ id, problem }: UnreadableTest): TestState {
  return {
    id,
    state: 'finished',
    started: true,
    finished: true,
    createdAt: 0,
    warmup: 0,
    seed: 0,
    labels: {},
    thresholds: [],
    peers: { ready: 0, reporting: 0, done: 0 },
    runners: [],
    dataPointCount: 0,
    damage: `its file cannot be read: ${problem}`
  }
}
