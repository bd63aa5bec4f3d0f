import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { ApiError } from '../../protocol/api-client'
import type { TestModel } from '../model/test-model'
import type { Session } from '../session'

/** ms between redraws. Hundreds of points arrive per second; two redraws are enough to read. */
const REFRESH = 500

/** Names the page in the browser's tabs and history. */
export function useTitle(title: string): void {
  // With the page, not a moment after it.
  useLayoutEffect(() => {
    document.title = `${title} · Catalyst peer performance`
  }, [title])
}

/**
 * Redraws when the model has changed, twice a second at most and while the page is visible. Returns whether a
 * running test no longer reports.
 */
export function useModel(model: TestModel): boolean {
  const [, setVersion] = useState(model.version)
  const [isSilent, setSilent] = useState(false)
  useEffect(() => {
    // Another model may have the version that is shown.
    setVersion(-1)
    const timer = setInterval(() => {
      if (document.hidden) return
      setVersion(model.version)
      setSilent(model.isSilent())
    }, REFRESH)
    return () => clearInterval(timer)
  }, [model])
  return isSilent
}

/** The job behind a button, a form or a page: whether it is running, and why it failed. */
export function useAction() {
  const [isBusy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  /** Starts a job; if it rejects, its error becomes `trouble`. */
  const run = (job: () => unknown) => {
    const focused = document.activeElement as HTMLElement | null
    // A button that is disabled meanwhile, or goes with what it has done, loses the focus.
    const keepFocus = () => {
      const next = focused?.isConnected ? focused : document.getElementById('main')
      if (document.activeElement === document.body) next?.focus()
    }
    setBusy(true)
    setTrouble(undefined)
    Promise.resolve()
      .then(job)
      .catch((error: unknown) => setTrouble(messageOf(error)))
      .finally(() => {
        setBusy(false)
        setTimeout(keepFocus)
      })
  }
  return { run, isBusy, trouble }
}

/** Asked whenever the server answers again: what the token allows, and how far its clock is ahead (ms). */
export function useServer(session: Session, answers: boolean) {
  const [server, setServer] = useState({ mayControl: false, ahead: 0 })
  useEffect(() => {
    if (!answers) return
    session
      .call((client) => client.status())
      .then(({ access, now }) => {
        setServer({ mayControl: access === 'control', ahead: now - Date.now() })
      }, console.error)
  }, [answers])
  return server
}

/** The page's own wording of errors, by code: the server's is for callers of its API. */
const REFUSALS: Record<string, string> = {
  'token-required': 'This server asks for a token. Try again, and enter it.',
  'wrong-token': 'The server does not know this token. Try again, and enter another one.',
  'other-token-required': 'This token may not do that. Reload the page, and enter the control token.',
  'test-not-found': 'There is no such test. It was deleted, or its address is misspelt.',
  'bad-query': 'The server no longer has the data that this page has shown. Try again to see what it has.',
  'comparison-not-found': 'Its files are no longer in the results folder.'
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return REFUSALS[error.code] ?? error.message
  return error instanceof Error ? error.message : String(error)
}
