/** Lists from the server, kept up to date while the page is visible, and the summaries of their tests. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ResultsClient } from '../../protocol/api-client'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { printableTexts } from '../../cli/printable'
import { isRefusal } from '../model/follow'
import { isUnauthorized, type Session } from '../session'
import { messageOf, useAction } from './hooks'
import { Quiet } from './parts'

const REFRESH = 2000

export function useList<Item>(session: Session, ask: (client: ResultsClient) => Promise<Item[]>) {
  /** Newest first; undefined until the server has answered. */
  const [items, setItems] = useState<Item[]>()
  /** Why the items are not up to date. */
  const [trouble, setTrouble] = useState<string>()
  const refused = useRef(false)
  const { run } = useAction()

  const load = async () => {
    try {
      setItems(await session.call(ask))
      setTrouble(undefined)
      refused.current = false
    } catch (error) {
      refused.current = isUnauthorized(error)
      setTrouble(messageOf(error))
    }
  }
  useEffect(() => {
    let isShown = true
    const keepUp = async () => {
      while (isShown) {
        // Asking for the token every two seconds would hold the user hostage.
        if (!document.hidden && !refused.current) await load()
        await new Promise((resolve) => setTimeout(resolve, REFRESH))
      }
    }
    keepUp().catch(console.error)
    return () => {
      isShown = false
    }
  }, [])
  return { items, setItems, trouble, retry: () => run(load) }
}

/** Rows shown at first, and added by each press: each may need a summary from the server. */
const PAGE = 50

/** The rows of a long list that are shown, and the button that shows the next ones. */
export function useShown<Item>(items: readonly Item[] = []) {
  const [most, setMost] = useState(PAGE)
  const more = most < items.length && (
    <Quiet onClick={() => setMost(most + PAGE)}>
      Show {Math.min(PAGE, items.length - most)} more of {items.length}
    </Quiet>
  )
  return { shown: items.slice(0, most), more }
}

/**
 * Summaries that are fetched at once. A browser has six connections to a server, and each window with a live
 * test holds one: a button's call must not wait for fifty summaries.
 */
const AT_ONCE = 4

/** Summaries of finished tests, each fetched once. Redraws the page as they arrive. */
export function useSummaries(session: Session) {
  const [, setArrived] = useState(0)
  return useMemo(() => summaryCache(session, () => setArrived((before) => before + 1)), [])
}

/** Its function gives a summary if it has arrived, null if there is none; otherwise it requests it. */
export function summaryCache(session: Session, onChange: () => void) {
  const known = new Map<string, Summary | null | undefined>()
  const wanted: string[] = []
  let fetching = 0

  const fetchWanted = async () => {
    fetching++
    for (let key = wanted.shift(); key !== undefined; key = wanted.shift()) {
      const [id] = key.split(' ')
      try {
        known.set(key, printableTexts(await session.call((client) => client.getSummary(id!))))
        onChange()
      } catch (error) {
        // A list draws itself anew soon.
        if (isRefusal(error)) known.set(key, null)
        else known.delete(key)
      }
    }
    fetching--
  }

  return ({ id, state, finishedAt }: TestEntry): Summary | null | undefined => {
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
