/** With the real git, and a program that stands in for the comparison. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { peerPerf } from '../tools/testing/program'
import { program as compare } from './compare'
import { program, run } from './track'

const folder = mkdtempSync(join(tmpdir(), 'track-'))
const [repository, stub, told] = ['library', 'stub.cjs', 'told.json'].map((name) => join(folder, name))
const env = process.env
const [, script] = process.argv

before(() => {
  process.env = { ...env, TEST_RESULTS_LOCATION: folder, XDG_CACHE_HOME: join(folder, 'cache') }
  process.argv[1] = stub!
  writeFileSync(
    stub!,
    `require('fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.argv.slice(2)))`
  )
  mkdirSync(join(repository!, 'packages/peer'), { recursive: true })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: repository })
  git('init', '--quiet', '--initial-branch', 'main')
  for (const text of ['one', 'two']) {
    writeFileSync(join(repository!, 'packages/peer/source.js'), text)
    git('add', '.')
    git('commit', '--quiet', '--message', text)
  }
})
after(() => {
  process.env = env
  process.argv[1] = script!
  rmSync(folder, { recursive: true })
})

/** What the comparison is called with. */
async function askedIn(place: string) {
  program.parse(['--repo', join(repository!, place)], { from: 'user' })
  await assert.rejects(run(new AbortController().signal), /came to no verdict/)
  const [, , id, , , baseline, , candidate, ...args] = JSON.parse(readFileSync(told!, 'utf8')) as string[]
  return { id: id!, builds: [baseline!, candidate!], args: args.join(' ') }
}

it('measures the package that was named, and tells it from others of its repository', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  const [whole, own] = [await askedIn('.'), await askedIn('packages/peer')]
  assert.deepEqual(
    own.builds,
    whole.builds.map((build) => `${build}/packages/peer/`)
  )
  assert.notEqual(own.id, whole.id)
  // The same for each commit: the line adds up what they change.
  assert.match(whole.args, /--engine simulation --seed 1$/)
})

for (const [flags, says] of [
  [[], /^Comparing$/m],
  [['--json'], /^$/]
] as const)
  it(`keeps the standard output for its document if asked to: ${flags.join('') || 'not asked'}`, async () => {
    const main = join(folder, 'main.cjs')
    writeFileSync(
      main,
      `if (process.argv[2] === 'compare') console.log('Comparing')
       else require(${JSON.stringify(await peerPerf())})`
    )
    const args = [main, 'track', '--repo', repository!, ...flags]
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.match(stdout, says)
    assert.match(stderr, /came to no verdict/)
  })

const METRIC = 'wire.packetsPerMessage'
/** Has the comparisons come to this change of the metric. */
function comparesAs(component: object) {
  const unknown = {
    metric: METRIC,
    unit: 'count',
    scale: 'ratio',
    direction: 'lower is better',
    estimate: null
  }
  const components = [{ ...unknown, baseline: null, candidate: null, spread: null, ...component }]
  const gate = { verdict: 'undecided', engine: 'simulation', criteria: [{ components }], simulated: [] }
  const comparison = { madeAt: 1, headline: '?', gate }
  const documents = { campaign: { plan: { variants: [] }, runs: [] }, comparison }
  writeFileSync(
    stub!,
    `const folder = require('path').join(${JSON.stringify(folder)}, 'comparisons', process.argv[4])
     require('fs').mkdirSync(folder, { recursive: true })
     for (const [name, document] of Object.entries(${JSON.stringify(documents)}))
       require('fs').writeFileSync(\`\${folder}/\${name}.json\`, JSON.stringify(document))`
  )
}

const tracked = async (place: string, file: string, ...flags: string[]) => {
  program.parse(['--repo', join(repository!, place), '--file', join(folder, file), ...flags], {
    from: 'user'
  })
  const outcome = await run(new AbortController().signal)
  return (outcome as { document: unknown }).document as { added: object | null; points: object[] }
}

for (const [says, component, isMeasured] of [
  ['refuses what neither build told', {}, false],
  ['refuses what only one build told', { baseline: 2 }, false],
  ['keeps a change from never to a value', { baseline: 'never', candidate: 2 }, true]
] as const)
  it(says, async (t) => {
    t.mock.method(console, 'log', () => undefined)
    comparesAs(component)
    t.after(() => rmSync(join(folder, 'comparisons'), { recursive: true }))
    const ran = tracked('.', `${says}.jsonl`)
    await (isMeasured ? assert.doesNotReject(ran) : assert.rejects(ran, /could not be measured/))
  })

it('keeps the page that it cannot replace, and says so in one line', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  writeFileSync(join(folder, 'full.jsonl'), '')
  const page = join(folder, `full-${METRIC}.html`)
  writeFileSync(page, 'earlier')
  symlinkSync('/dev/full', `${page}.tmp`)
  await assert.rejects(tracked('.', 'full.jsonl', '--draw-only'), {
    name: 'UserError',
    message: /^Can't write to .* \(ENOSPC.*\): choose another --file$/
  })
  assert.equal(readFileSync(page, 'utf8'), 'earlier')
})

it('draws only the package that was named', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  comparesAs({ baseline: 2, candidate: 2, estimate: 1 })
  for (const place of ['.', 'packages/peer']) {
    const { added, points } = await tracked(place, 'both.jsonl', '--metric', METRIC)
    assert.ok(added)
    assert.equal(points.length, 1)
  }
  assert.equal((await tracked('.', 'both.jsonl', '--metric', METRIC)).added, null, 'measured twice')
  const sizes = []
  for (const place of ['.', 'packages/peer', 'packages', '..'])
    sizes.push((await tracked(place, 'both.jsonl', '--metric', METRIC, '--draw-only')).points.length)
  assert.deepEqual(sizes, [1, 1, 0, 1])
})

for (const [place, metric, says] of [
  ['.', METRIC, []],
  ['.', 'mesh.pathLength.p50', [/^No comparison of the root in .* judges mesh\.pathLength\.p50: /]],
  ['packages', METRIC, [/^No comparison of packages\/ in .* name it .*, or choose another --repo$/]]
] as const)
  it(`says why it draws nothing: ${place}, ${metric}`, async (t) => {
    t.mock.method(console, 'log', () => undefined)
    const error = t.mock.method(console, 'error', () => undefined)
    await tracked(place, 'both.jsonl', '--metric', metric, '--draw-only')
    const said = error.mock.calls.map(({ arguments: [line] }) => String(line))
    assert.equal(said.length, says.length)
    for (const [index, pattern] of says.entries()) assert.match(said[index]!, pattern)
  })

it('refuses a metric that no gate judges before it builds', async () => {
  const message = /^Neither more nor less mesh\.degree\.p50 is worse: choose another --metric/
  await assert.rejects(tracked('.', 'no.jsonl', '--run', 'false', '--metric', 'mesh.degree.p50'), {
    name: 'UserError',
    message
  })
})

it('says what to do where a commit has no parent, as in a shallow clone', async () => {
  program.parse(['--repo', repository!, '--commit', 'HEAD~1'], { from: 'user' })
  const message = /^HEAD~1 has no parent here: fetch its history, or choose another --commit$/
  await assert.rejects(run(new AbortController().signal), { name: 'UserError', message })
})

for (const [location, file, message] of [
  [folder, '/proc/x/track.jsonl', /^Can't write to .* \/proc\/x \(ENOENT.*: choose another --file$/],
  ['/proc/x', join(folder, 'new.jsonl'), /^Can't write to .* \/proc\/x \(ENOENT.*: set TEST_RESULTS_LOCATION/]
] as const)
  it(`refuses a folder that cannot be written before it builds: ${message.source}`, async (t) => {
    const { env: before } = process
    t.after(() => (process.env = before))
    process.env = { ...before, TEST_RESULTS_LOCATION: location }
    program.parse(['--repo', repository!, '--run', 'false', '--file', file], { from: 'user' })
    await assert.rejects(run(new AbortController().signal), { name: 'UserError', message })
  })

it('refuses flags that compare does not know before it builds', async () => {
  compare.exitOverride().configureOutput({ outputError: () => undefined })
  program.parse(['--repo', repository!, '--run', 'false', '--', '--nonsense'], { from: 'user' })
  await assert.rejects(run(new AbortController().signal), /unknown option '--nonsense'/)
})

it('refuses a test that compare would refuse before it builds', async () => {
  const args = ['--repo', repository!, '--run', 'false', '--', '--engine', 'simulation', '--duration', '4']
  program.parse(args, { from: 'user' })
  await assert.rejects(run(new AbortController().signal), /^UserError: --duration 4 s is not longer than/)
})

for (const flag of ['--baseline=layers', '--id=mine', '--from=a', '--weather=all', '--base=main'])
  it(`refuses what it says itself before it builds: ${flag}`, async () => {
    program.parse(['--repo', repository!, '--run', 'false', '--', flag], { from: 'user' })
    const message = `${flag.split('=')[0]!} is not for track: leave it out`
    await assert.rejects(run(new AbortController().signal), { name: 'UserError', message })
  })

it('appends a line of its own to a file whose last line was not ended', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  comparesAs({ baseline: 2, candidate: 2, estimate: 1 })
  await tracked('.', 'cut.jsonl')
  const file = join(folder, 'cut.jsonl')
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd())
  await tracked('packages/peer', 'cut.jsonl')
  assert.equal((await tracked('.', 'cut.jsonl', '--draw-only', '--metric', METRIC)).points.length, 1)
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 2)
})

for (const [file, code, ...flags] of [
  ['missing.jsonl', 'ENOENT', '--draw-only'],
  ['library', 'EISDIR']
] as const)
  it(`says what it cannot read: ${code}`, async () => {
    const message = new RegExp(`^Can't read .*${file} \\(${code}.*\\): choose another --file$`)
    await assert.rejects(tracked('.', file, ...flags), { name: 'UserError', message })
  })

it('counts empty lines when it names one that it did not write', async () => {
  writeFileSync(join(folder, 'edited.jsonl'), '\n{}\n')
  await assert.rejects(tracked('.', 'edited.jsonl', '--draw-only'), /edited\.jsonl:2 was not written by/)
})

it('leaves no worktree of a build when the other fails', { timeout: 60_000 }, async () => {
  const command = 'grep one packages/peer/source.js'
  const args = [await peerPerf(), 'track', '--repo', repository!, '--run', command]
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.match(stderr, /ended with code 1/)
  const checkouts = execFileSync('git', ['worktree', 'list'], { cwd: repository, encoding: 'utf8' })
  assert.equal(checkouts.trim().split('\n').length, 1, checkouts)
})
