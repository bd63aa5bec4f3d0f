/** One mistake on each command: it ends with 1 and one line that names the fix, never with a stack. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { writePlanted } from '../libraries/testing/planted-builds'
import { startCommand } from './support/command'

// cspell:ignore compre trut
const PORT_IN_USE = 'PORT_IN_USE'
const BROKEN = 'BROKEN'

const UNWRITABLE =
  /^Can't write to the results folder \/proc\/x\/?\S* \(ENOENT.*\): set TEST_RESULTS_LOCATION/

const MISTAKES: [command: string, names: RegExp, results?: string][] = [
  ['compre', /Did you mean compare\?/],
  ['-- calibrate --cores 16', /add --peers/],
  ['run --duration 3 --warmup 5', /Use a longer duration or a shorter warm-up/],
  ['simulate --duration 3 --warmup 3', /Use a longer duration or a shorter warm-up/],
  ['compare --baseline layers --candidate islands --detect 0', /must be a share such as 3%/],
  ['compare', /--baseline and --candidate, or --from and --to/],
  ['compare --format junit --peers abc', /<error [^>]*message="[^"]*--peers/],
  ['compare --from a --to b', /There is no results file \S+a\.json/],
  ['simulate --network foo', /unknown network "foo": there are perfect/],
  ['run --library layers:4,nonsense:4', /"nonsense" names no peer library: write layers/],
  ['simulate --library nonsense', /"nonsense" names no peer library: write layers/],
  ['explore --library nonsense', /"nonsense" names no peer library: write layers/],
  [
    `simulate --peers 2 --duration 3 --warmup 1 --library ${BROKEN}`,
    /^(?![^]*What to try)[^]*^Failed: .* does not load: /m
  ],
  ['compare --from a --to b --baseline layers', /^--baseline is for new runs: leave it out.*\n$/],
  [`explore --runs 2 --peers 3 --library ${BROKEN} --baseline ${BROKEN}`, /No trial ran.* does not load: /],
  ['report absent --server http://localhost:9', /name a results file, or set TEST_RESULTS_LOCATION/],
  ['history --library layers', /A history takes two builds or more/],
  ['calibrate --library nonsense', /"nonsense" names no peer library: write layers/],
  ['calibrate --cores 16', /add --peers/],
  ['bisect --good layers@0.2.12 --bad @dcl/catalyst-peer@1.0.4', /are not of one package/],
  [
    'bisect --good layers@0.2.12 --bad layers@0.2.20 --lighthouse-url http://a',
    /^--lighthouse-url is for browsers: .*\n$/
  ],
  ['track --repo /nowhere', /git in \/nowhere: .*No such file/],
  ['run --on nonsense', /use ssh:FILE, compose/],
  ['run --plan', /add --on/],
  [`server --port ${PORT_IN_USE}`, /is in use: choose another/],
  [`lighthouse --port ${PORT_IN_USE}`, /is in use: choose another/],
  [`devserver --port ${PORT_IN_USE}`, /is in use: choose another/],
  ['clients', /TEST_ID is missing/],
  ['bench trut', /Did you mean truth\?/],
  [
    'track --draw-only --file /nonexistent.jsonl',
    /^Can't read \/nonexistent.jsonl .*: choose another --file\n$/
  ],
  ['track --file /proc/x/y.jsonl', /^Can't write to the .* \/proc\/x \(ENOENT.*: choose another --file\n$/],
  ['history --library layers,islands --out /proc/x', /^Can't write to the .*: choose another --out\n$/],
  ['simulate --peers 3 --duration 6 --warmup 1', UNWRITABLE, '/proc/x'],
  // Only writing fails.
  [
    'simulate --peers 2 --duration 2 --warmup 0',
    /Can't write to the results folder \/proc \(ENOENT/,
    '/proc'
  ],
  ['compare --baseline layers --candidate islands --engine simulation', UNWRITABLE, '/proc/x'],
  ['compare --from a --to b', UNWRITABLE, '/proc/x'],
  ['history --library layers,islands', UNWRITABLE, '/proc/x'],
  ['track', UNWRITABLE, '/proc/x'],
  ['simulate', /^TEST_RESULTS_LOCATION is "\/etc\/passwd", which is not a folder: .*\n$/, '/etc/passwd'],
  ['simulate', /^Can't write to .* \(ENAMETOOLONG.*\): set TEST_RES.*\n$/, `/tmp/${'x'.repeat(300)}`]
]

describe('A mistake on the command line', { concurrency: 2 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mistakes-'))
  const taken = createServer()
  before(async () => {
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    await writePlanted('throwsatload', folder)
  })
  after(() => {
    taken.close()
    rmSync(folder, { recursive: true })
  })

  for (const [line, names, results = folder] of MISTAKES) {
    it(results === folder ? line : `${line} into ${results}`, async () => {
      const { port } = taken.address() as AddressInfo
      const given = line.replace(PORT_IN_USE, String(port)).replaceAll(BROKEN, `file:${folder}/throwsatload`)
      const [command = '', ...args] = given.split(' ')
      const { code, output } = await startCommand(command, args, { TEST_RESULTS_LOCATION: results }).ended
      assert.equal(code, 1, output)
      assert.match(output, names)
      assert.doesNotMatch(output, /^ +at /m, 'no stack')
    })
  }
})
