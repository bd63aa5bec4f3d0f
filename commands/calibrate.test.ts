import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { keepCalibration, thisMachine } from '../runner/calibration'
import { program, run } from './calibrate'

/** A name of each interface that makes a build one of layers (client/builds/generation.ts). */
const CODE = `export const names = ['buildCatalystPeerStatsData', 'setLayer']`

it('estimates a build by the calibration of its generation, as runners look it up', async (t) => {
  const { env } = process
  const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
  t.after(() => {
    process.env = env
    rmSync(folder, { recursive: true })
  })
  process.env = { ...env, TEST_RESULTS_LOCATION: folder, XDG_CACHE_HOME: join(folder, 'cache') }
  const load = { routine: 'stand', messageTypes: 'faithful', network: 'perfect', mesh: 'usual' } as const
  const found = { library: 'layers', ...load, peers: 20, tabs: 2, peersInOneTab: 14, at: 1 }
  keepCalibration(folder, { ...thisMachine(), ...found })
  const build = join(folder, 'build')
  mkdirSync(build)
  writeFileSync(join(build, 'package.json'), '{"name":"a-peer","version":"1.0.0","main":"index.js"}')
  writeFileSync(join(build, 'index.js'), CODE)
  const said: string[] = []
  t.mock.method(console, 'log', (line: string) => said.push(line))
  program.parse(['--peers', '8', '--library', `file:${build}`], { from: 'user' })
  await run(new AbortController().signal)
  assert.match(said.at(-1)!, /^\nEstimated by the calibration of /)
})
