import assert from 'node:assert/strict'
import { it } from 'node:test'
import { checkLargeBody } from './body'

it('skips a body whose caller was disconnected while others were checked', async () => {
  const body = () => Buffer.from('[{"peerId":"p","sequence":0}]')
  let isGone = false
  const first = checkLargeBody('submitPoints', body(), () => false)
  const second = checkLargeBody('submitPoints', body(), () => isGone)
  const third = checkLargeBody('submitPoints', body(), () => false)
  isGone = true
  await assert.rejects(second, { code: 'body-cut-off' })
  assert.deepEqual(
    [await first, await third].map(({ value }) => (value as unknown[]).length),
    [1, 1]
  )
})
