/** Summaries of finished tests for the lists. Fetches each once, a few at a time. */
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { isRefusal } from '../model/follow'
import type { Session } from '../session'

const AT_ONCE = 4

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
      this.next()
    }
    return this.known.get(key)
  }

  private next(): void {
    if (this.fetching >= AT_ONCE) return
    const key = this.wanted.shift()
    if (key === undefined) return
    this.fetching++
    this.session
      .call((client) => client.getSummary(key.split(' ')[0]!))
      .then((summary) => {
        this.known.set(key, summary)
        this.onChange()
      })
      .catch((error: unknown) => {
        // A list draws itself anew soon.
        if (isRefusal(error)) this.known.set(key, null)
        else this.known.delete(key)
      })
      .finally(() => {
        this.fetching--
        this.next()
      })
  }
}
