/** Modal dialogs with a form: the browser's own, which keep the focus inside and close on Escape. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { LIMITS } from '../../protocol/limits'
import type { CreateTest, TestState } from '../../protocol/test-life'
import { testHref } from '../router'
import type { Session } from '../session'
import { useAction } from './hooks'
import { ErrorText, Quiet } from './parts'

interface DialogProps {
  title: string
  /** The name of the button that submits. */
  action: string
  danger?: boolean
  /** If it rejects, the dialog says why and stays open. */
  onSubmit: (form: FormData) => unknown
  onClose: () => void
  children: ComponentChildren
}

function Dialog({ title, action, danger = false, onSubmit, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const { run, isBusy, trouble } = useAction()
  // Open before the first paint: otherwise keys pressed until then would be lost.
  useLayoutEffect(() => dialog.current!.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const form = new FormData(event.currentTarget)
          run(() => onSubmit(form))
        }}
      >
        {children}
        <ErrorText text={trouble} />
        <div class="buttons">
          {/* Gives the focus back. */}
          <Quiet onClick={() => dialog.current!.close()}>Cancel</Quiet>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  )
}

export interface TokenQuestion {
  /** The server refused the last one. */
  wrong: boolean
  answer: (token: string | undefined) => void
}

const TOKEN_HINT =
  'RESULTS_SERVER_TOKEN of the server, or RESULTS_SERVER_READ_TOKEN to look only. The page keeps it until it is closed.'

/** Asks for a token. Closed without one, the page shows the server's error and offers to ask again. */
export function TokenDialog({ wrong, answer }: TokenQuestion) {
  return (
    <Dialog
      title="This server asks for a token"
      action="Continue"
      onSubmit={(form) => answer(form.get('token') as string)}
      onClose={() => answer(undefined)}
    >
      <ErrorText text={wrong ? 'The server refused this token.' : undefined} />
      <Field label="Token" hint={TOKEN_HINT}>
        <input name="token" type="password" autocomplete="off" required autofocus />
      </Field>
    </Dialog>
  )
}

interface DeleteDialogProps {
  id: string
  /** Now. Undefined if the test is gone. */
  state: TestState['state'] | undefined
  session: Session
  onDeleted: () => void
  onClose: () => void
}

export function DeleteDialog({ id, state, session, onDeleted, onClose }: DeleteDialogProps) {
  const submit = async () => {
    // The server deletes finished tests only. One that has started meanwhile is not to be lost.
    if (state === 'created') await session.call((client) => client.finishTest(id))
    await session.call((client) => client.deleteTest(id))
    onDeleted()
  }
  return (
    <Dialog title="Delete this test?" action={`Delete ${id}`} danger onSubmit={submit} onClose={onClose}>
      <p>
        <strong class="id">{id}</strong> and all its data will be deleted. This cannot be undone.
      </p>
    </Dialog>
  )
}

export function CreateDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const submit = async (form: FormData) => {
    const { id, test } = wishOf(form)
    const created = await session.call((client) => client.createTest(id, test))
    location.hash = testHref(created.id)
  }
  return (
    <Dialog title="New test" action="Create" onSubmit={submit} onClose={onClose}>
      <Field label="Name" hint="Letters, digits, _ and -. Leave it empty for a random one.">
        <input name="id" pattern="[A-Za-z0-9_\-]{1,64}" autocomplete="off" autofocus />
      </Field>
      <div class="fields">
        <Field label="Expected peers" hint="The test starts by itself once this many are ready.">
          <input name="expectedPeers" type="number" min="1" max="20000" />
        </Field>
        <Field label="Duration, s" hint="If empty, the clients decide.">
          <input name="duration" type="number" min="1" max={LIMITS.durationSeconds} step="any" />
        </Field>
        <Field label="Warm-up, s" hint="Excluded from the summary.">
          <input name="warmup" type="number" min="0" max="3600" step="any" placeholder="5" />
        </Field>
        <Field label="Seed" hint="Controls everything random.">
          <input name="seed" type="number" min="0" max="4294967295" />
        </Field>
      </div>
      <Field label="Labels" hint="One per line, for example branch=main.">
        <textarea name="labels" rows={2} />
      </Field>
      <Field label="Thresholds" hint="One per line, for example delivery.position>=0.99.">
        <textarea name="thresholds" rows={2} />
      </Field>
    </Dialog>
  )
}

function Field({ label, hint, children }: { label: string; hint: string; children: ComponentChildren }) {
  return (
    <label>
      {label}
      {children}
      <span class="hint">{hint}</span>
    </label>
  )
}

/** The test that the form describes. Only converts text to numbers and lists; the server validates it. */
function wishOf(form: FormData): { id: string | undefined; test: CreateTest } {
  const text = (name: string) => (form.get(name) as string).trim()
  const lines = (name: string) =>
    text(name)
      .split(/\s*\n\s*/)
      .filter((line) => line !== '')
  const test: CreateTest = {
    labels: Object.fromEntries(lines('labels').map(labelOf)),
    thresholds: lines('thresholds')
  }
  for (const name of ['expectedPeers', 'duration', 'warmup', 'seed'] as const) {
    if (text(name) !== '') test[name] = Number(text(name))
  }
  return { id: text('id') || undefined, test }
}

function labelOf(line: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error(`Not a label: "${line}". Write name=value`)
  return [name.trim(), value.trim()]
}
