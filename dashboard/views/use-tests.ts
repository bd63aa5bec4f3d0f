/** The server's tests, kept up to date. */
import { useRef, useState } from 'preact/hooks'
import { ApiError } from '../../protocol/api-client'
import type { TestState } from '../../protocol/test'
import type { Session } from '../session'
import { messageOf, useEvery } from './hooks'

const REFRESH = 2000

export interface Tests {
  /** Newest first; undefined until the server has answered. */
  tests: TestState[] | undefined
  setTests: (tests: TestState[] | undefined) => void
  /** Why they are not up to date. */
  trouble: string | undefined
  load: () => Promise<void>
}

export function useTests(session: Session): Tests {
  const [tests, setTests] = useState<TestState[]>()
  const [trouble, setTrouble] = useState<string>()
  const refused = useRef(false)

  const load = async () => {
    try {
      setTests(await session.call((client) => client.listTests()))
      setTrouble(undefined)
      refused.current = false
    } catch (error) {
      refused.current = error instanceof ApiError && error.status === 401
      setTrouble(messageOf(error))
    }
  }
  useEvery(REFRESH, async () => {
    // Asking for the token every two seconds would hold the user hostage.
    if (!refused.current) await load()
  })
  return { tests, setTests, trouble, load }
}
