import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { VNode } from 'preact'
import type { Session } from '../session'
import { DeleteDialog } from './dialogs'

for (const { state, calls } of [
  { state: 'created', calls: ['finishTest', 'deleteTest'] },
  // Started while the dialog was open: the server refuses.
  { state: 'running', calls: ['deleteTest'] },
  { state: 'finished', calls: ['deleteTest'] }
] as const)
  it(`To delete a ${state} test, the page asks for ${calls.join(' and ')}`, async () => {
    const asked: string[] = []
    const client = { finishTest: () => asked.push('finishTest'), deleteTest: () => asked.push('deleteTest') }
    const session = { call: (ask: (of: typeof client) => unknown) => Promise.resolve(ask(client)) }
    const dialog = DeleteDialog({
      id: 'mine',
      state,
      session: session as unknown as Session,
      onDeleted: () => asked.push('told'),
      onClose: () => undefined
    }) as VNode<{ onSubmit: () => Promise<void> }>
    await dialog.props.onSubmit()
    assert.deepEqual(asked, [...calls, 'told'])
  })
