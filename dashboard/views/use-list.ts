/** A list from the server, kept up to date while the page is visible. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, type ResultsClient } from '../../protocol/api-client'
import type { Session } from '../session'
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
      refused.current = error instanceof ApiError && error.status === 401
      setTrouble(messageOf(error))
    }
  }
  useEffect(() => {
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const next = () => {
      if (!stopped) timer = setTimeout(turn, REFRESH)
    }
    const turn = () => {
      // Asking for the token every two seconds would hold the user hostage.
      if (document.hidden || refused.current) next()
      else load().catch(console.error).finally(next)
    }
    turn()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [])
  const retry = () => {
    load().catch(console.error)
  }
  return { items, setItems, trouble, retry }
}
