/** One test of the server: followed while it goes on, with what can be done to it. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { follow, type Connection } from '../model/follow'
import { TestModel } from '../model/test-model'
import type { Session } from '../session'
import { DeleteDialog } from './delete-dialog'
import { messageOf, useVersion } from './hooks'
import { TestView } from './test/test-view'

export function TestPage({ id, session }: { id: string; session: Session }) {
  const model = useMemo(() => new TestModel(), [])
  const [connection, setConnection] = useState<Connection>('connecting')
  const [trouble, setTrouble] = useState<string>()
  const [attempt, setAttempt] = useState(0)
  useVersion(model)
  useEffect(() => {
    document.title = `${id} · Catalyst peer performance`
  }, [])

  useEffect(() => {
    const controller = new AbortController()
    setTrouble(undefined)
    follow(model, id, session, setConnection, controller.signal).catch((error: unknown) => {
      setTrouble(messageOf(error))
    })
    return () => {
      controller.abort()
    }
  }, [attempt])

  return (
    <>
      {trouble !== undefined && (
        <p class="banner" role="alert">
          {trouble}{' '}
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setAttempt(attempt + 1)
            }}
          >
            Try again
          </button>{' '}
          <a href="#/">All tests</a>
        </p>
      )}
      {connection === 'lost' && trouble === undefined && (
        <p class="banner" role="status">
          The results server does not answer. Trying again; what is missed is filled in when it is back.
        </p>
      )}
      {model.state === undefined && trouble === undefined && connection !== 'lost' && (
        <p class="empty">Loading…</p>
      )}
      {model.state && (
        <TestView model={model} actions={<Actions id={id} model={model} session={session} />} />
      )}
    </>
  )
}

interface ActionsProps {
  id: string
  model: TestModel
  session: Session
}

function Actions({ id, model, session }: ActionsProps) {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const [deleting, setDeleting] = useState(false)
  const state = model.state!
  const act = async (call: 'startTest' | 'finishTest') => {
    setBusy(true)
    setTrouble(undefined)
    try {
      model.setState(await session.call((client) => client[call](id)))
    } catch (error) {
      setTrouble(messageOf(error))
    }
    setBusy(false)
  }
  return (
    <div class="actions">
      {state.state === 'created' && (
        <button type="button" class="primary" disabled={busy} onClick={() => void act('startTest')}>
          Start
        </button>
      )}
      {state.state !== 'finished' && (
        <button type="button" disabled={busy} onClick={() => void act('finishTest')}>
          Finish
        </button>
      )}
      {state.state === 'finished' && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setDeleting(true)
          }}
        >
          Delete
        </button>
      )}
      {trouble !== undefined && (
        <p class="error" role="alert">
          {trouble}
        </p>
      )}
      {deleting && (
        <DeleteDialog
          id={id}
          session={session}
          onDeleted={() => {
            location.hash = '#/'
          }}
          onClose={() => {
            setDeleting(false)
          }}
        />
      )}
    </div>
  )
}
