import type { TestState } from './test-life'

/** `started` and `finished` in whole ms, for scripts. Earlier versions have fractions or booleans. */
export function withTimes<State extends Pick<TestState, 'startsAt' | 'finishedAt'>>(state: State) {
  const { startsAt, finishedAt } = state
  return {
    ...state,
    started: startsAt === undefined ? undefined : Math.round(startsAt),
    finished: finishedAt === undefined ? undefined : Math.round(finishedAt)
  }
}
