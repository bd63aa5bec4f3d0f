import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { Pool } from '../simulation/pool'
import type { Outcome } from '../simulation/simulate'
import { program, run } from './explore'

/** It loads as a build of layers (libraries/generation.ts), and fails its page. */
const CODE = `export const names = ['buildCatalystPeerStatsData', 'setLayer']
  export class Peer { constructor() { throw new Error('planted') } }`

async function explored(t: TestContext, ...flags: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'explore-'))
  const env = process.env
  t.after(() => {
    process.env = env
    return rm(folder, { recursive: true })
  })
  process.env = { ...env, XDG_CACHE_HOME: join(folder, 'cache') }
  const build = join(folder, 'build')
  await mkdir(build)
  await writeFile(join(build, 'package.json'), '{"name":"a-peer","version":"1.0.0","main":"index.js"}')
  await writeFile(join(build, 'index.js'), CODE)
  for (const stream of ['log', 'error'] as const) t.mock.method(console, stream, () => undefined)
  const library = `file:${build}`
  program.parse(['--library', library, '--peers', '3', '--shrink', '0', ...flags], { from: 'user' })
  const outcome = (await run(new AbortController().signal)) as {
    exitCode: number
    document: Record<string, unknown>
  }
  return { ...outcome, library }
}

it('says in its document what it tried', async (t) => {
  const { exitCode, document, library } = await explored(t, '--runs', '1')
  const { peers, runs, from, baseline } = document
  assert.deepEqual(
    [exitCode, document.library, peers, runs, from, baseline],
    [2, library, 3, 1, 0, undefined]
  )
})

const SOUND = {
  failures: [],
  document: {
    summary: { mesh: { components: 1 }, wire: {}, errors: { uncaught: 0 } },
    dataPoints: [],
    peerResults: {}
  }
}
const REFUSED = { failures: ['it uses WebGPU'], refusal: 'it uses WebGPU' }
for (const [what, outcomes, expected] of [
  ['nothing is broken', [SOUND, SOUND], [0, 0, 0]],
  ['a trial says nothing', [SOUND, REFUSED], [1, 0, 1]],
  ['one is broken and another says nothing', [{ failures: ['planted'] }, REFUSED], [2, 1, 1]]
] as const)
  it(`ends with ${expected[0]} if ${what}`, async (t) => {
    const left: unknown[] = [...outcomes]
    t.mock.method(Pool.prototype, 'run', () => Promise.resolve(left.shift() as Outcome))
    const { exitCode, document } = await explored(t, '--runs', '2')
    const { findings, refused } = document as Record<string, unknown[]>
    assert.deepEqual([exitCode, findings!.length, refused!.length], expected)
  })

it('fails if no trial ran to its end', async (t) => {
  t.mock.method(Pool.prototype, 'run', () => Promise.resolve(REFUSED as unknown as Outcome))
  const message = 'No trial ran to its end. The first failed: it uses WebGPU'
  await assert.rejects(explored(t, '--runs', '2'), { name: 'UserError', message })
})
