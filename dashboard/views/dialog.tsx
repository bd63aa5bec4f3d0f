/** A modal dialog. Uses the browser's own, which keeps the focus inside and closes on Escape. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  // Open before the first paint: otherwise keys pressed until then would be lost.
  useLayoutEffect(() => dialog.current!.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  )
}

/** The row of buttons at the end of a dialog's form. */
export function DialogButtons({
  action,
  danger,
  busy,
  onCancel
}: {
  action: string
  danger?: boolean
  busy?: boolean
  onCancel: () => void
}) {
  return (
    <div class="buttons">
      <button type="button" class="quiet" onClick={onCancel}>
        Cancel
      </button>
      <button type="submit" class={danger === true ? 'danger' : 'primary'} disabled={busy}>
        {action}
      </button>
    </div>
  )
}
