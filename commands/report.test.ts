import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { peerPerf } from '../tools/testing/program'

describe('npx peer-perf report', () => {
  let folder: string
  let program: string
  before(async () => {
    program = await peerPerf()
    folder = await mkdtemp(join(tmpdir(), 'report-command-'))
    const document = fakeDocument({ id: 'done', peers: 2, duration: 10 })
    await writeFile(join(folder, 'done.json'), JSON.stringify(document))
    await writeFile(join(folder, 'cut.json'), JSON.stringify(document).slice(0, -100))
    await writeFile(join(folder, 'other.json'), '{"name":"not a result"}')
    const [{ peerId, timestamp }] = document.dataPoints as [(typeof document.dataPoints)[number]]
    const point = { peerId, timestamp, metrics: { sent: 1 } }
    await writeFile(join(folder, 'old.json'), JSON.stringify({ id: 'old', started: 1, dataPoints: [point] }))
    await writeFile(join(folder, 'history.json'), '{"version":3,"id":"row","builds":[]}')
    await mkdir(join(folder, 'folder.json'))
    await writeFile(
      join(folder, 'running.json'),
      JSON.stringify(fakeDocument({ state: 'running', peers: 2 }))
    )
  })
  after(() => rm(folder, { recursive: true }))

  const report = (...args: string[]) => reportFrom({ TEST_RESULTS_LOCATION: folder }, ...args)

  async function reportFrom(env: Record<string, string>, ...args: string[]) {
    const child = spawn(process.execPath, [program, 'report', ...args], {
      cwd: join(__dirname, '..'),
      env: { ...process.env, ...env }
    })
    let [out, error] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, error }
  }

  it('writes the report of a test by its id', async () => {
    const target = join(folder, 'out.html')
    const { code, out } = await report('done', '--out', target)
    assert.equal(code, 0)
    assert.equal(out, `Report of done: ${target}\n`)
    assert.match(await readFile(target, 'utf8'), /<title>Report of a peer performance test/)
  })

  it('replaces no results, whatever their name', async () => {
    const before = await readFile(join(folder, 'done.json'), 'utf8')
    const [results, named, link] = ['done.json', 'results', 'link'].map((name) => join(folder, name))
    await writeFile(named!, before)
    await symlink(named!, link!)
    for (const [target, out] of [
      ['done', results!],
      [named!, named!],
      [link!, named!]
    ] as const) {
      const { code, error } = await report(target, '--out', out)
      assert.equal(code, 1)
      assert.match(error, /^--out \S+: a report is HTML, and replaces no results: name another file\n$/)
      assert.equal(await readFile(out, 'utf8'), before)
    }
  })

  it('prints no escape sequence from a file', async () => {
    const id = '\u001b]0;owned\u0007\u009b2J'
    await writeFile(join(folder, 'odd.json'), JSON.stringify(fakeDocument({ id, peers: 2, duration: 10 })))
    await writeFile(join(folder, 'broken.json'), '{"a":\u001b[2J')
    const written = await report(join(folder, 'odd.json'), '--out', join(folder, 'odd.html'))
    assert.equal(written.code, 0)
    const failed = await report(join(folder, 'broken.json'))
    assert.equal(failed.code, 1)
    for (const text of [written.out, failed.error]) assert.doesNotMatch(text.trimEnd(), /\p{Cc}/u)
    assert.match(written.out, /^Report of �\]0;owned��2J: /)
  })

  const OF_NO_TEST = (target: string) =>
    new RegExp(`^${target} is not a results document of this suite: .*\n$`)

  const refusals: [string, string[], RegExp][] = [
    [
      'no such test',
      ['nope', '--server', 'http://127.0.0.1:1'],
      /^Test nope is not in .*RESULTS_SERVER_URL\n$/
    ],
    [
      'no such file',
      ['../nope.json'],
      /^There is no file \.\.\/nope\.json, and it is no test's id either\n$/
    ],
    [
      'a folder',
      ['orchestration', '--server', 'http://127.0.0.1:1'],
      /^Test orchestration is not in .*RESULTS_SERVER_URL\n$/
    ],
    [
      'a folder with the name of a file',
      ['folder', '--server', 'http://127.0.0.1:1'],
      /^Test folder is not in .*RESULTS_SERVER_URL\n$/
    ],
    ['a file of the original suite', ['old'], OF_NO_TEST('old')],
    ['a history', ['history'], OF_NO_TEST('history')],
    ['a file that is cut off', ['cut'], /^cut is not a whole results document \(.*\)\n$/],
    ['another JSON file', ['other'], /^other is not a results document: it has no id\n$/],
    ['a test that runs', ['running'], /^Test fake is not finished: finish it first.*\n$/],
    [
      'a place that cannot be written',
      ['done', '--out', '/proc/no/x.html'],
      /^The report can't be written to .*\n$/
    ]
  ]
  for (const [what, args, message] of refusals) {
    it(`names the fix in one line: ${what}`, async () => {
      const { code, error } = await report(...args)
      assert.equal(code, 1)
      assert.match(error, message)
    })
  }

  const NO_SERVER = 'http://127.0.0.1:1'
  const variables: [string, Record<string, string>, RegExp][] = [
    ['a folder that is a file', { TEST_RESULTS_LOCATION: __filename }, /^TEST_RESULTS_LOCATION is ".*\n$/],
    [
      'no folder',
      { TEST_RESULTS_LOCATION: '', RESULTS_SERVER_URL: NO_SERVER },
      /^Test nope is not in \/.*peer-performance-tests, and no results server answers at http:.*\n$/
    ],
    [
      'an address without http://',
      { RESULTS_SERVER_URL: 'localhost:9904' },
      /^error: .*'RESULTS_SERVER_URL' is invalid\. It must be an address such as .*\n$/
    ],
    ['no address', { RESULTS_SERVER_URL: '' }, /^Test nope is not in .* at http:\/\/localhost:9904: .*\n$/]
  ]
  for (const [what, env, message] of variables)
    it(`names the fix in one line where a variable has ${what}`, async () => {
      const { code, error } = await reportFrom(env, 'nope')
      assert.equal(code, 1)
      assert.match(error, message)
    })
})
