import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h, type VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { createTestSchema } from '../../protocol/test-life'
import type { Session } from '../session'
import { CreateDialog, DeleteDialog } from './dialogs'

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

it('The form of a new test asks for no number that the server refuses', () => {
  const page = renderToString(h(CreateDialog, { session: {} as Session, onClose: () => undefined }))
  const most = [...page.matchAll(/<input name="(\w+)" type="number"[^>]* max="(\d+)"/g)]
  assert.deepEqual(
    most.map(([, name]) => name),
    ['expectedPeers', 'duration', 'warmup', 'seed']
  )
  for (const [, name, max] of most) {
    const test = { duration: 86_400, warmup: 0, [name!]: Number(max) }
    assert.ok(createTestSchema.safeParse(test).success, `${name} up to ${max}`)
  }
})
