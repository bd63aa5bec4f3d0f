import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { UserError } from '../options/user-error'
import { answerOf, program, remember } from './bisect'

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

it('keeps what it was told of each package of a repository apart', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bisect-'))
  const [env, place] = [process.env, process.cwd()]
  t.after(async () => {
    process.chdir(place)
    process.env = env
    await rm(folder, { recursive: true })
  })
  process.env = { ...env, TEST_RESULTS_LOCATION: folder }
  const ids = []
  for (const own of ['a', 'b']) {
    await mkdir(join(folder, 'library', own), { recursive: true })
    execFileSync('git', ['init', '--quiet', join(folder, 'library')])
    process.chdir(join(folder, 'library', own))
    program.parse(['--good', 'v1', '--bad', 'v2'], { from: 'user' })
    ids.push((await remember(program.opts(), [])).id)
  }
  assert.notEqual(ids[0], ids[1])
})
