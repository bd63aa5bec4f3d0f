/** Summaries of finished tests for the lists. Fetches each once, a few at a time. */
import { useMemo, useState } from 'preact/hooks'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { isRefusal } from '../model/follow'
import type { Session } from '../session'

const AT_ONCE = 4

/** The cache of a page, which redraws as summaries arrive. */
export function useSummaries(session: Session): SummaryCache {
  const [, setArrived] = useState(0)
  return useMemo(() => new SummaryCache(session, () => setArrived((before) => before + 1)), [])
}

export class SummaryCache {
  private readonly known = new Map<string, Summary | null | undefined>()
  private readonly wanted: string[] = []
  private fetching = 0

  constructor(
    private readonly session: Session,
    private readonly onChange: () => void
  ) {}

  /** Returns the summary if it has arrived, null if there is none; otherwise requests it. */
  get({ id, state, finishedAt }: TestEntry): Summary | null | undefined {
    if (state !== 'finished') return undefined
    // After a deletion, a new test may have the same name.
    const key = `${id} ${finishedAt ?? 0}`
    if (!this.known.has(key)) {
      this.known.set(key, undefined)
      this.wanted.push(key)
      if (this.fetching < AT_ONCE) this.fetchWanted().catch(console.error)
    }
    return this.known.get(key)
  }

  private async fetchWanted(): Promise<void> {
    this.fetching++
    for (let key = this.wanted.shift(); key !== undefined; key = this.wanted.shift()) {
      const [id] = key.split(' ')
      try {
        this.known.set(key, await this.session.call((client) => client.getSummary(id!)))
        this.onChange()
      } catch (error) {
        // A list draws itself anew soon.
        if (isRefusal(error)) this.known.set(key, null)
        else this.known.delete(key)
      }
    }
    this.fetching--
  }
}
