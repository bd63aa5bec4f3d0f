import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { sampleResults } from '../server/testing/sample-data'
import { tellBuilds } from './run'

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
