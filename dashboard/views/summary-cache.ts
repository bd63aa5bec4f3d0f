/** Summaries of finished tests for the lists. Fetches each once, a few at a time. */
import { useMemo, useState } from 'preact/hooks'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { isRefusal } from '../model/follow'
import type { Session } from '../session'

const AT_ONCE = 4

/** The cache of a page, which redraws as summaries arrive. */
export function useSummaries(session: Session) {
  const [, setArrived] = useState(0)
  return useMemo(() => summaryCache(session, () => setArrived((before) => before + 1)), [])
}

/** Returns what returns a summary if it has arrived, null if there is none; otherwise requests it. */
export function summaryCache(session: Session, onChange: () => void) {
  const known = new Map<string, Summary | null | undefined>()
  const wanted: string[] = []
  let fetching = 0

  const fetchWanted = async () => {
    fetching++
    for (let key = wanted.shift(); key !== undefined; key = wanted.shift()) {
      const [id] = key.split(' ')
      try {
        known.set(key, await session.call((client) => client.getSummary(id!)))
        onChange()
      } catch (error) {
        // A list draws itself anew soon.
        if (isRefusal(error)) known.set(key, null)
        else known.delete(key)
      }
    }
    fetching--
  }

  return ({ id, state, finishedAt }: TestEntry) => {
    if (state !== 'finished') return undefined
    // After a deletion, a new test may have the same name.
    const key = `${id} ${finishedAt ?? 0}`
    if (!known.has(key)) {
      known.set(key, undefined)
      wanted.push(key)
      if (fetching < AT_ONCE) fetchWanted().catch(console.error)
    }
    return known.get(key)
  }
}
