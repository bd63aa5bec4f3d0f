import type { TestState } from './test-life'

/**
 * The state with `started` and `finished` as whole ms: scripts add seconds to them. Documents of earlier
 * versions have fractions there, and their API had booleans.
 */
export function withTimes<State extends Pick<TestState, 'startsAt' | 'finishedAt'>>(state: State) {
  const { startsAt, finishedAt } = state
  return {
    ...state,
    started: startsAt === undefined ? undefined : Math.round(startsAt),
    finished: finishedAt === undefined ? undefined : Math.round(finishedAt)
  }
}
