import type { TestState } from '../../protocol/test-life'
import type { Session } from '../session'
import { Dialog } from './dialog'

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
