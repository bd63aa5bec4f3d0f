import type { TestState } from './test-life'

/**
 * The test's state in a results document. Here `started` and `finished` are times: scripts for results files
 * skip the first seconds with `started + 5000`. In the API's state they are booleans.
 */
export type DocumentState = Omit<TestState, 'started' | 'finished'> & {
  started?: number | undefined
  finished?: number | undefined
}

export function documentStateOf(state: TestState): DocumentState {
  // Undefined entries keep the order of the keys and are omitted from the JSON.
  return { ...state, started: state.startsAt, finished: state.finishedAt }
}

/**
 * The state of a test, from its document. Also accepts documents of earlier versions, which contained
 * booleans.
 */
export function stateOfDocument<State extends DocumentState>(
  state: State
): Omit<State, 'started' | 'finished'> & Pick<TestState, 'started' | 'finished'> {
  return { ...state, started: Boolean(state.started), finished: state.state === 'finished' }
}
