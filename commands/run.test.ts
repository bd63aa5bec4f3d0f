import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { sampleResults } from '../server/testing/sample-data'
import { program, run, tellBuilds } from './run'

const LAYERS = { ...sampleResults(0, 1, 2).library, version: '0.2.20' }
const OLD = { ...LAYERS, version: '0.2.17' }

for (const [libraries, table] of [
  [[LAYERS, LAYERS], /^$/],
  [[LAYERS, OLD], /0\.2\.20.*\n.*0\.2\.17/]
] as const)
  it(`tells ${libraries.length} builds apart without the data points, which no text may hold`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'run-'))
    t.after(() => rm(folder, { recursive: true }))
    const peers = libraries.map((library, number) => [
      `p${number}`,
      { ...sampleResults(number, 1, 2), library }
    ])
    const peerResults = JSON.stringify(Object.fromEntries(peers))
    const file = join(folder, 'long.json')
    await writeFile(file, `{"id":"long","peerResults":${peerResults},"dataPoints":[{"x":"${'x'.repeat(1e6)}`)
    const said: string[] = []
    t.mock.method(console, 'log', (line: string) => said.push(line))
    await tellBuilds(file)
    assert.match(said.join('\n'), table)
  })

it('gives the plan of a test on other machines as a document, too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'run-'))
  const { PATH } = process.env
  t.after(() => {
    process.env.PATH = PATH
    return rm(folder, { recursive: true })
  })
  process.env.PATH = `${folder}:${PATH!}`
  await writeFile(join(folder, 'ssh'), "#!/bin/sh\nprintf '%s\\n' 10.0.0.5 v22.0.0 4 Slow\n")
  await chmod(join(folder, 'ssh'), 0o755)
  await writeFile(join(folder, 'hosts.txt'), 'a\nb\n')
  t.mock.method(console, 'log', () => undefined)
  program.parse(['--on', `ssh:${join(folder, 'hosts.txt')}`, '--plan', '--peers', '6'], { from: 'user' })
  const outcome = await run(new AbortController().signal)
  const { exitCode, document } = outcome as { exitCode: number; document: Record<string, unknown> }
  assert.deepEqual([exitCode, document.nodes], [0, ['a', 'b']])
  const { peers, peersEach, machines, on } = document.layout as Record<string, unknown>
  assert.deepEqual([peers, peersEach, machines, on], [6, 3, { count: 2, cores: 4 }, undefined])
})
