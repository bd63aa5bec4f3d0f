import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { BrowserProbe } from '../orchestration/browser-probe'
import { VirtualProbe, type Told } from '../orchestration/virtual-probe'
import { UserError } from '../cli/user-error'
import { answerOf, program, remember, run } from './bisect'

it('asks again, when resumed, for a build that failed', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  const save = t.mock.fn(() => Promise.resolve())
  const memory = { id: 'bisect-1', seed: 1, told: {}, save }
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
  assert.equal(save.mock.callCount(), 2)
})

for (const [what, signal, error] of [
  ['that was stopped', AbortSignal.abort(), new UserError('Stopped by SIGINT')],
  ['that the suite itself fails', new AbortController().signal, new TypeError('planted')]
] as const)
  it(`gives no answer for a step ${what}`, async () => {
    const memory = { id: 'bisect-1', seed: 1, told: {}, save: () => Promise.resolve() }
    const step = { key: 'b', name: 'b', build: () => Promise.reject(error) }
    const probe = { differ: () => Promise.resolve(null), ask: () => Promise.reject(error) }
    await assert.rejects(answerOf(step, probe, memory, signal), error)
    assert.deepEqual(memory.told, {})
  })

/** A results folder of its own, and a place to be called in. */
async function away(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'bisect-'))
  const [env, place] = [process.env, process.cwd()]
  t.after(async () => {
    process.chdir(place)
    process.env = env
    await rm(folder, { recursive: true })
  })
  process.env = { ...env, TEST_RESULTS_LOCATION: folder }
  program.parse(['--good', 'v1', '--bad', 'v2'], { from: 'user' })
  return folder
}

for (const given of [
  ['--run', 'true'],
  ['--repo', 'away']
])
  it(`refuses ${given[0]} for published versions, which nobody builds`, async (t) => {
    await away(t)
    program.parse(['--good', 'layers@0.2.12', '--bad', 'layers@0.2.20', ...given], { from: 'user' })
    await assert.rejects(run(new AbortController().signal), /^UserError: --run and --repo are for commits/)
  })

for (const name of ['peer', '@own/peer'])
  it(`takes a tag that is named like a published version: ${name}`, async (t) => {
    await away(t)
    const [good, bad] = ['1.0.0', '1.1.0'].map((version) => `refs/tags/${name}@${version}`) as [
      string,
      string
    ]
    program.parse(['--good', good, '--bad', bad, '--run', 'true', '--repo', '/'], { from: 'user' })
    await assert.rejects(run(new AbortController().signal), /^UserError: There is no git repository in \/:/)
  })

for (const [engine, duration] of [
  ['browser', '4'],
  ['simulation', '1']
] as const)
  it(`refuses what would measure nothing before it builds, with a longer warm-up in browsers: ${engine}`, async (t) => {
    await away(t)
    const args = ['--engine', engine, '--duration', duration]
    program.parse(['--repo', 'none', '--good', 'v1', '--bad', 'v2', ...args], { from: 'user' })
    await assert.rejects(
      run(new AbortController().signal),
      /^UserError: --duration \d s is not longer than the/
    )
  })

it('keeps what it was told of each package of a repository apart', async (t) => {
  const folder = await away(t)
  const ids = []
  for (const own of ['a', 'b']) {
    await mkdir(join(folder, 'library', own), { recursive: true })
    execFileSync('git', ['init', '--quiet', join(folder, 'library')])
    process.chdir(join(folder, 'library', own))
    ids.push((await remember(program.opts(), [])).id)
  }
  assert.notEqual(ids[0], ids[1])
  const idWith = async (flags: object) => (await remember({ ...program.opts(), ...flags }, [])).id
  assert.notEqual(await idWith({ metric: 'delivery.all' }), ids[1])
  // The same commits by other names, and told otherwise.
  assert.equal(await idWith({ good: 'v1^{}', bad: 'HEAD', json: true }), ids[1])
})

/** Bisects four commits, of which the second and third are told as given. */
async function bisected(
  t: TestContext,
  seen: string | null,
  told: readonly Told['answer'][],
  ...flags: string[]
) {
  const folder = await away(t)
  process.env.XDG_CACHE_HOME = join(folder, 'cache')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder })
  git('init', '--quiet')
  for (const text of ['one', 'two', 'three', 'four'])
    git('commit', '--quiet', '--allow-empty', '--message', text)
  const log = t.mock.method(console, 'log', () => undefined)
  t.mock.method(VirtualProbe.prototype, 'differ', () => Promise.resolve(seen))
  t.mock.method(VirtualProbe.prototype, 'summaryOf', () => Promise.reject(new UserError('not simulated')))
  const inBrowsers = t.mock.method(BrowserProbe.prototype, 'differ', () => Promise.resolve('+50%'))
  const left = [...told]
  for (const probe of [VirtualProbe, BrowserProbe])
    t.mock.method(probe.prototype, 'ask', () => Promise.resolve({ answer: left.shift()!, why: '' }))
  program.parse(['--repo', folder, '--good', 'HEAD~3', '--bad', 'HEAD', ...flags], { from: 'user' })
  const { exitCode, document } = (await run(new AbortController().signal)) as {
    exitCode: number
    document: { engine: string; good: string; bad: string; unclear: string[] }
  }
  const said = log.mock.calls.map((call) => String((call.arguments as unknown[])[0])).join('\n')
  const probe = inBrowsers.mock.calls[0]?.this as { options: { args: string[] } } | undefined
  return { exitCode, ...document, said, args: probe?.options.args }
}

for (const [engine, seen, good, between] of [
  ['simulation', '2 → 3', 'HEAD~1', 0],
  ['browser', null, 'HEAD~3', 2]
] as const)
  it(`says in its document where the ends differ: ${engine}`, async (t) => {
    const { engine: found, said } = await bisected(t, seen, ['good', 'good'], '--good', good)
    assert.equal(found, engine)
    assert.ok(said.split('\n').includes(`${between} in between, at most ${between} steps if each is clear`))
  })

for (const [told, exitCode, ends, unclear, says] of [
  [['good', 'bad'], 0, ['two', 'three'], [], /^First bad: \w{9} three$/m],
  [['unclear', 'good'], 0, ['three', 'four'], [], /^First bad: \w{9} four$/m],
  [
    ['unclear', 'bad'],
    4,
    ['one', 'three'],
    ['two'],
    /among these 2, oldest first:\n {2}\w{9} two\n {2}\w{9} three$/m
  ]
] as const)
  it(`ends with ${exitCode} if the steps are ${told.join(' and ')}`, async (t) => {
    const found = await bisected(t, '2 → 3', told)
    const subjects = (names: string[]) => names.map((name) => name.split(' ')[1])
    assert.deepEqual([found.exitCode, subjects([found.good, found.bad])], [exitCode, ends])
    assert.deepEqual(subjects(found.unclear), unclear)
    assert.match(found.said, says)
    assert.match(found.said, /^Packets are not counted: not simulated$/m)
  })

for (const flags of [
  ['--peers', '4'],
  ['--peers', '4', '--allow-unknown-options']
])
  it(`hands on to comparisons in browsers what it was given: ${flags.join(' ')}`, async (t) => {
    assert.deepEqual((await bisected(t, null, ['good', 'good'], ...flags)).args, flags)
  })

it('refuses versions of different packages', async (t) => {
  await away(t)
  program.parse(['--good', 'a@1.0.0', '--bad', 'b@1.1.0'], { from: 'user' })
  await assert.rejects(run(new AbortController().signal), /^UserError: .* are not of one package$/)
})

for (const text of ['', '{"a":{"answer":"ba', 'null', '[]', '{"a":7}', '{"a":{"answer":"worst","why":""}}'])
  it(`begins again, and says so, where its memory is damaged: ${text}`, async (t) => {
    const folder = await away(t)
    const log = t.mock.method(console, 'log', () => undefined)
    const { id } = await remember(program.opts(), [])
    assert.equal(log.mock.callCount(), 0)
    const file = join(folder, 'bisections', `${id}.json`)
    await writeFile(file, text)
    const { told, save } = await remember(program.opts(), [])
    assert.deepEqual(told, {})
    const [said] = log.mock.calls[0]!.arguments as unknown as [string]
    assert.ok(said.startsWith(`${file} is damaged: `), said)
    told.a = { answer: 'bad', why: '+20%' }
    await save()
    assert.deepEqual((await remember(program.opts(), [])).told, told)
  })

it('keeps what it was told until the new is whole', async (t) => {
  const folder = await away(t)
  const { id, told, save } = await remember(program.opts(), [])
  const [file, before] = [join(folder, 'bisections', `${id}.json`), join(folder, 'before')]
  await save()
  await link(file, before)
  told.a = { answer: 'bad', why: '+20%' }
  await save()
  assert.equal(await readFile(before, 'utf8'), '{}')
})

it('refuses a results folder that cannot be made before it measures anything', async (t) => {
  const env = process.env
  t.after(() => (process.env = env))
  process.env = { ...env, TEST_RESULTS_LOCATION: '/proc/x' }
  program.parse(['--good', 'v1', '--bad', 'v2'], { from: 'user' })
  await assert.rejects(
    remember(program.opts(), []),
    /^UserError: Can't write to .* \/proc\/x\/bisections \(ENOENT/
  )
})
