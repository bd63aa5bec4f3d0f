import { useState } from 'preact/hooks'
import type { Session } from '../session'
import { Dialog, DialogButtons } from './dialog'
import { messageOf } from './hooks'

interface DeleteDialogProps {
  id: string
  session: Session
  onDeleted: () => void
  onClose: () => void
}

export function DeleteDialog({ id, session, onDeleted, onClose }: DeleteDialogProps) {
  const [trouble, setTrouble] = useState<string>()
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    try {
      await session.call((client) => client.deleteTest(id))
      onDeleted()
    } catch (error) {
      setTrouble(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title="Delete this test?" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <p>
          <strong class="id">{id}</strong> and all its data will be gone. There is no way back.
        </p>
        {trouble !== undefined && (
          <p class="error" role="alert">
            {trouble}
          </p>
        )}
        <DialogButtons action={`Delete ${id}`} danger busy={busy} onCancel={onClose} />
      </form>
    </Dialog>
  )
}
