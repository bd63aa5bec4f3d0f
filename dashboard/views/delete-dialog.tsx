import type { Session } from '../session'
import { Dialog } from './dialog'

interface DeleteDialogProps {
  id: string
  /** Whether the test is still open. One that was never started must be finished before it can be deleted. */
  isOpen: boolean
  session: Session
  onDeleted: () => void
  onClose: () => void
}

export function DeleteDialog({ id, isOpen, session, onDeleted, onClose }: DeleteDialogProps) {
  const submit = async () => {
    if (isOpen) await session.call((client) => client.finishTest(id))
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
