/** A list from the server, kept up to date while the page is visible, and how much of it is shown. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ResultsClient } from '../../protocol/api-client'
import { isUnauthorized, type Session } from '../session'
import { messageOf } from './hooks'

const REFRESH = 2000

export function useList<Item>(session: Session, ask: (client: ResultsClient) => Promise<Item[]>) {
  /** Newest first; undefined until the server has answered. */
  const [items, setItems] = useState<Item[]>()
  /** Why the items are not up to date. */
  const [trouble, setTrouble] = useState<string>()
  const refused = useRef(false)

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
  const retry = () => {
    load().catch(console.error)
  }
  return { items, setItems, trouble, retry }
}

/** Rows shown at first, and added by each press: each may need a summary from the server. */
const PAGE = 50

/** The rows of a long list that are shown, and the button that shows the next ones. */
export function useShown<Item>(items: readonly Item[] = []) {
  const [most, setMost] = useState(PAGE)
  const more = most < items.length && (
    <button type="button" class="quiet" onClick={() => setMost(most + PAGE)}>
      Show {Math.min(PAGE, items.length - most)} more of {items.length}
    </button>
  )
  return { shown: items.slice(0, most), more }
}
