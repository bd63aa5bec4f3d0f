import assert from 'node:assert/strict'
import { it } from 'node:test'
import { UserError } from '../options/user-error'
import { answerOf } from './bisect'

it('asks again, when resumed, for a build that failed', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  const memory = { id: 'bisect-1', seed: 1, told: {}, save: () => Promise.resolve() }
  const step = { key: 'b', name: 'b', build: () => Promise.resolve('file:b') }
  const { signal } = new AbortController()
  const outcomes = [
    () => Promise.reject(new UserError('bisect-1-b came to no verdict')),
    () => Promise.resolve({ answer: 'bad' as const, why: '+20%' }),
    () => Promise.reject(new UserError('asked a third time'))
  ]
  const probe = { differ: () => Promise.resolve(null), ask: () => outcomes.shift()!() }
  const answers = []
  for (let time = 0; time < 3; time++) answers.push(await answerOf(step, probe, memory, signal))
  assert.deepEqual(answers, ['unclear', 'bad', 'bad'])
})
