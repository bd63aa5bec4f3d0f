import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runElsewhere } from './testing/run-elsewhere'

it('Two processes with different heaps simulate a seed identically, byte for byte', async () => {
  const [one, two] = await Promise.all([
    runElsewhere(),
    runElsewhere(process.execPath, ['--max-semi-space-size=1'])
  ])
  assert.deepEqual(two, one)
  assert.ok(one.packets > 1000, `${one.packets}`)
})
