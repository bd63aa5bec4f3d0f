import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { copyHostile, openSink, type Deed, type Sink } from '../libraries/testing/hostile-build'
import { startResultsServer } from '../server/app'
import { ResultsClient } from '../protocol/api-client'
import { startCommand } from './support/command'

const LAYERS = dirname(require.resolve('peer-layers/package.json'))
const CONTROL_TOKEN = 'CONTROL-TOKEN-OF-THE-ENVIRONMENT'
const SECRET = 'SECRET-IN-A-FILE'
const GREEDY: Deed[] = ['environment', 'files', 'address', 'tests']

describe('a hostile build', { timeout: 240_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'hostile-build-'))
  const results = join(root, 'results')
  const secretFile = join(root, 'secret')
  const lootFile = join(root, 'loot')
  let sink: Sink
  before(async () => {
    writeFileSync(secretFile, SECRET)
    mkdirSync(results)
    sink = await openSink()
    const server = await startResultsServer({ folder: results, port: 0 })
    const client = new ResultsClient({ url: server.url })
    await client.createTest('earlier')
    await client.finishTest('earlier')
    await server.close()
  })
  after(() => {
    sink.close()
    rmSync(root, { recursive: true })
  })

  async function start(name: string, deeds: Deed[], script: string, ...args: string[]) {
    const folder = join(root, name)
    await copyHostile(LAYERS, folder, deeds, { secretFile, lootFile, sinkUrl: sink.url })
    sink.loot.length = 0
    const sizes = ['--peers', '2', '--duration', '4', '--warmup', '1', '--id', name]
    const env = { TEST_RESULTS_LOCATION: results, RESULTS_SERVER_TOKEN: CONTROL_TOKEN }
    const command = args.map((each) => each.replace('BUILD', `file:${folder}`))
    return startCommand(script, [...command, ...sizes], env).ended
  }
  const run = (name: string, deeds: Deed[]) => start(name, deeds, 'run', '--library', 'BUILD')

  it('gets nothing from npm start but a token to submit with', async () => {
    const { output } = await run('greedy', GREEDY)
    const loot = sink.loot.join('\n')
    const [, token] = /#token=(\S+)/.exec(loot) ?? []
    assert.ok(token !== undefined, `${loot}\n${output}`)
    assert.deepEqual([...new Set(sink.loot.filter((line) => line.startsWith('tests: ')))].sort(), [
      'tests: DELETE /test/earlier unreadable',
      'tests: DELETE /test/earlier with its token unreadable',
      'tests: GET /test 401',
      'tests: GET /test with its token 403',
      'tests: GET /test/earlier?dataPoints=true 401',
      'tests: GET /test/earlier?dataPoints=true with its token 403',
      'tests: GET /test/greedy 401',
      'tests: GET /test/greedy with its token 200',
      'tests: PUT /test/greedy/finish 401',
      'tests: PUT /test/greedy/finish with its token 403'
    ])
    // All else that it reported is the page's own address.
    const others = sink.loot.filter((line) => !/^(tests|address): /.test(line))
    assert.deepEqual(others, [])
    assert.equal(existsSync(lootFile), false)
    for (const secret of [CONTROL_TOKEN, SECRET]) assert.ok(!loot.includes(secret))
    assert.ok(existsSync(join(results, 'earlier.json')))
    const document = readFileSync(join(results, 'greedy.json'), 'utf8')
    for (const text of [document, output]) assert.ok(!text.includes(token) && !text.includes(CONTROL_TOKEN))
  })

  it('gets nothing at all from npm run simulate', async () => {
    const { output } = await start('simulated', GREEDY, 'simulate', '--library', 'BUILD')
    assert.match(output, /^Failed: \S+ uses fetch\(\) /m, 'it ran')
    assert.deepEqual(sink.loot, [], output)
    assert.equal(existsSync(lootFile), false)
    for (const secret of [CONTROL_TOKEN, SECRET]) assert.ok(!output.includes(secret))
  })

  it('that reads a file at bundling does not run', async () => {
    const { code, output } = await run('reader', ['bundledFile'])
    assert.equal(code, 1)
    assert.match(output, /^The build of the peer library reads \/\S+secret, outside its folder [^\n]+$/m)
    assert.ok(!output.includes(SECRET))
    assert.doesNotMatch(output, /^ +at /m, 'no stack')
  })
})
