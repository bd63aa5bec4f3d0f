/** A modal dialog with a form. Uses the browser's own, which keeps the focus inside and closes on Escape. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { useAction } from './hooks'
import { ErrorText } from './trouble'

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

export function Dialog({ title, action, danger = false, onSubmit, onClose, children }: DialogProps) {
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
          run(async () => {
            await onSubmit(form)
          })
        }}
      >
        {children}
        <ErrorText text={trouble} />
        <div class="buttons">
          <button type="button" class="quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
