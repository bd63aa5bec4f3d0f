import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WriteStream } from 'node:tty'
import { hasColours, PlainProgress } from './progress'

describe('plain progress', () => {
  it('prints steps and notes immediately, and details every five seconds', async () => {
    const lines: string[] = []
    let now = 0
    const progress = new PlainProgress(
      (line) => lines.push(line),
      () => now
    )
    const result = await progress.step('Counting', (update) => {
      for (now = 1000; now <= 12_000; now += 1000) update(`${now / 1000}`)
      progress.note('Something happened')
      return Promise.resolve('done')
    })
    assert.equal(result, 'done')
    assert.deepEqual(lines, ['Counting', '  5', '  10', '  Something happened'])
  })

  it('lets errors through', async () => {
    const progress = new PlainProgress(() => undefined)
    await assert.rejects(
      progress.step('Failing', () => Promise.reject(new Error('no'))),
      /^Error: no$/
    )
  })
})

for (const [env, expected] of [
  [{}, true],
  [{ NO_COLOR: '1' }, false],
  [{ TERM: 'dumb' }, false]
] as const)
  it(`a terminal ${expected ? 'has' : 'lacks'} colours with ${JSON.stringify(env)}`, (t) => {
    const { env: before } = process
    const terminal = { isTTY: true, hasColors: () => WriteStream.prototype.hasColors() }
    t.mock.getter(process, 'stdout', () => terminal as typeof process.stdout)
    t.after(() => (process.env = before))
    process.env = { TERM: 'xterm-256color', ...env }
    assert.equal(hasColours(), expected)
  })
