/** One test on the server, followed live, with buttons to start, finish and delete it. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { follow } from '../model/follow'
import { TestModel } from '../model/test-model'
import type { Session } from '../session'
import { DeleteDialog } from './dialogs'
import { useAction, useModel, useServer, useTitle } from './hooks'
import { TestView } from './one-test/test-view'
import { ErrorText, Loading, Quiet } from './parts'

export function TestPage({ id, session }: { id: string; session: Session }) {
  const [attempt, setAttempt] = useState(0)
  // Anew with each attempt: meanwhile, another test may have the name.
  const model = useMemo(() => new TestModel(), [attempt])
  const [isLost, setLost] = useState(false)
  const { run, trouble } = useAction()
  const isSilent = useModel(model)
  const { mayControl } = useServer(session, model.state !== undefined && !isLost)
  useTitle(id)

  useEffect(() => {
    const controller = new AbortController()
    run(() => follow(model, id, session, setLost, controller.signal))
    return () => controller.abort()
  }, [attempt])

  return (
    <>
      <Loading
        isDone={model.state !== undefined || isLost}
        trouble={trouble}
        onRetry={() => setAttempt(attempt + 1)}
      >
        <a href="#/">All tests</a>
      </Loading>
      {isLost && trouble === undefined && (
        <p class="banner" role="status">
          The results server does not answer. Retrying; nothing is lost, and the gap is filled when it is
          back.
        </p>
      )}
      {isSilent && !isLost && (
        <p class="banner" role="status">
          No peer reports any more, and the latest figures are old. If all peers are gone, finish the test.
        </p>
      )}
      {model.state && (
        <TestView
          model={model}
          needsToken={session.hasToken}
          actions={mayControl && <Actions model={model} session={session} />}
        />
      )}
    </>
  )
}

function Actions({ model, session }: { model: TestModel; session: Session }) {
  const { run, isBusy, trouble } = useAction()
  const [deleting, setDeleting] = useState(false)
  const { id, state } = model.state!
  const act = (call: 'startTest' | 'finishTest') =>
    run(async () => model.setState(await session.call((client) => client[call](id))))
  return (
    <div class="actions">
      {state === 'created' && (
        <button type="button" class="primary" disabled={isBusy} onClick={() => act('startTest')}>
          Start
        </button>
      )}
      {state !== 'finished' && (
        <button type="button" disabled={isBusy} onClick={() => act('finishTest')}>
          Finish
        </button>
      )}
      {state !== 'running' && <Quiet onClick={() => setDeleting(true)}>Delete</Quiet>}
      <ErrorText text={trouble} />
      {deleting && (
        <DeleteDialog
          id={id}
          state={state}
          session={session}
          onDeleted={() => (location.hash = '#/')}
          onClose={() => setDeleting(false)}
        />
      )}
    </div>
  )
}
