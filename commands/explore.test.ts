import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { program, run } from './explore'

/** It loads as a build of layers (client/builds/generation.ts), and fails its page. */
const CODE = `export const names = ['buildCatalystPeerStatsData', 'setLayer']
  export class Peer { constructor() { throw new Error('planted') } }`

it('says in its document what it tried', async (t) => {
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
  t.mock.method(console, 'log', () => undefined)
  const library = `file:${build}`
  program.parse(['--library', library, '--runs', '1', '--peers', '3', '--shrink', '0'], { from: 'user' })
  const { exitCode, document } = (await run(new AbortController().signal)) as {
    exitCode: number
    document: Record<string, unknown>
  }
  const { peers, runs, from, baseline } = document
  assert.deepEqual(
    [exitCode, document.library, peers, runs, from, baseline],
    [2, library, 3, 1, 0, undefined]
  )
})
