/** What a step tells GitHub, from the event, the comparison's document and what it printed. */
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { compare } from '../analysis/testing/compare'
import { fakeBlocks } from '../analysis/testing/fake-runs'
import { FakeGitHub } from './github/testing/fake-github'
import { program, resultOf, run } from './ci'

const compared = compare({
  ...{ id: 'pull', madeAt: 0, design: 'paired', baseline: 'before', candidate: 'after' },
  ...{ runs: fakeBlocks(8), primary: 'latency.position.p95', secondary: [] }
})
const document = (more: object = {}) => JSON.stringify({ ...compared, ...more })

const FULL = `Block 7
Error: ENOSPC: no space left on device, write
    at writeSync (node:fs:1:2) {
  errno: -28
}
`
const CASES: [what: string, stopped: string | null, log: string | null, why: string][] = [
  [
    'failed',
    'stopped, 6 of 24 blocks',
    'Block 7\nNo answer from node-2\n',
    'It ended after 6 of 24 blocks: No answer from node-2'
  ],
  [
    'failed by a defect',
    'stopped, 6 of 24 blocks',
    FULL,
    'It ended after 6 of 24 blocks: Error: ENOSPC: no space left on device, write'
  ],
  [
    'was stopped',
    'stopped, 6 of 24 blocks',
    'Block 7\nStopped with 36 runs to go. To resume: npx peer-perf compare --resume pull\n',
    'It was stopped, 6 of 24 blocks'
  ],
  ['was stopped, without a log', 'stopped, 6 of 24 blocks', null, 'It was stopped, 6 of 24 blocks'],
  ['failed before its first run', null, FULL, 'Error: ENOSPC: no space left on device, write'],
  ['left nothing', null, null, 'The comparison did not begin']
]
for (const [what, stopped, text, why] of CASES)
  it(`says why a comparison has no verdict that ${what}`, (t) => {
    const comparison = mkdtempSync(join(tmpdir(), 'ci-'))
    t.after(() => rmSync(comparison, { recursive: true }))
    const log = join(comparison, 'log')
    if (stopped !== null) writeFileSync(join(comparison, 'comparison.json'), document({ stopped }))
    if (text !== null) writeFileSync(log, text)
    assert.deepEqual(resultOf({ comparison, log }), { why })
  })

it('reads the end of a log that is longer than what Node reads of a file at once', (t) => {
  const comparison = mkdtempSync(join(tmpdir(), 'ci-'))
  t.after(() => rmSync(comparison, { recursive: true }))
  const log = join(comparison, 'log')
  writeFileSync(log, '')
  truncateSync(log, 2 ** 31)
  appendFileSync(log, '\nNo answer from node-2\n')
  assert.deepEqual(resultOf({ comparison, log }), { why: 'No answer from node-2' })
})

/** Runs a step with this event. Returns its exit code, its lines and what GitHub has of it. */
async function step(
  t: TestContext,
  args: string[],
  event: object,
  comparison: string | null,
  mayWrite = true
) {
  const [env, folder, fake] = [process.env, mkdtempSync(join(tmpdir(), 'ci-')), new FakeGitHub('o/r')]
  t.after(() => {
    process.env = env
    fake.close()
    rmSync(folder, { recursive: true })
  })
  fake.tokens.set('job', { login: 'bot', mayWrite })
  for (const [number, sha] of [
    [7, 'abc'],
    [8, 'a later push']
  ] as const)
    fake.pulls.push({ number, from: 'o:branch', head: { sha } })
  fake.checks.push({ id: 77, name: 'peer-perf', head_sha: 'abc', status: 'in_progress' })
  if (comparison !== null) writeFileSync(join(folder, 'comparison.json'), comparison)
  writeFileSync(join(folder, 'event'), JSON.stringify(event))
  process.env = {
    ...{ ...env, GITHUB_API_URL: await fake.start(), GITHUB_EVENT_PATH: join(folder, 'event') },
    ...{ GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '1', GITHUB_SERVER_URL: 'x', GITHUB_SHA: 'merge' },
    ...{ GITHUB_TOKEN: 'job', GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '' }
  }
  const said: string[] = []
  t.mock.method(console, 'log', (line: string) => said.push(line))
  program.parse([...args, '--comparison', folder], { from: 'user' })
  const exitCode = await run()
  const comments = [...fake.comments.values()].flat().map(({ body }) => body)
  return { exitCode, said: said.join('\n'), check: fake.checks.at(-1)!, comments }
}

for (const { verdict, exitCode } of [
  { verdict: 'pass', exitCode: 0 },
  { verdict: 'undecided', exitCode: 0 },
  { verdict: 'worse', exitCode: 2 }
])
  for (const mayWrite of [true, false])
    it(`ends with ${exitCode} if ${verdict}, ${mayWrite ? 'with' : 'of a fork without'} a check`, async (t) => {
      const told = document({ gate: { ...compared.gate, verdict } })
      const ended = await step(t, ['report'], {}, told, mayWrite)
      assert.equal(ended.exitCode, exitCode)
      assert.equal(ended.said.includes('::notice title=cannot create a check::'), !mayWrite)
    })

for (const { args, number = 7, marker } of [
  { args: [], marker: 'default' },
  { args: ['--check-name', 'Lib / peer'], marker: 'Lib-peer' },
  { args: ['--comment-id', 'mine'], marker: 'mine' },
  { args: ['--no-comment'] },
  { args: [], number: 8 }
])
  it(`comments on #${number} ${args.join(' ')}: ${marker ?? 'not'}`, async (t) => {
    const event = { pull_request: { number, head: { sha: 'abc' } } }
    const { comments, check } = await step(t, ['report', ...args], event, document())
    assert.equal(check.head_sha, 'abc')
    const begin = `<!-- peer-perf:${marker} -->\n### Pass`
    assert.deepEqual(
      comments.map((body) => [body.slice(0, begin.length), /Commit \S+/.exec(body)![0]]),
      marker === undefined ? [] : [[begin, 'Commit abc']]
    )
  })

describe('A damaged comparison', () => {
  const DAMAGED = [document().slice(0, 900), '', 'null', '[]', '{}', '{"stopped":null}', '{"stopped":7}']
  for (const text of DAMAGED)
    it(`ends the check as not measured: ${text.slice(0, 20)}`, async (t) => {
      const { exitCode, said, check } = await step(t, ['report', '--check', '77'], {}, text)
      assert.equal(exitCode, 1)
      assert.match(said, /^::error title=not measured::comparison\.json is damaged: [^\n]+$/)
      assert.deepEqual([check.id, check.conclusion, check.output!.title], [77, 'failure', 'not measured'])
    })

  it('is not one whose metric to explore is 1 ÷ 0', async (t) => {
    const primary = { ...compared.primary, estimate: Infinity }
    const { check } = await step(t, ['report', '--check', '77'], {}, document({ primary }))
    assert.equal(check.conclusion, 'success')
  })
})

it('An event that cannot be read is named in one line', async (t) => {
  await step(t, ['begin'], {}, null)
  const file = process.env.GITHUB_EVENT_PATH!
  for (const text of ['{', '[]', '{"pull_request":{"number":"1"}}']) {
    writeFileSync(file, text)
    await assert.rejects(run(), { name: 'UserError', message: /^\S+event is no GitHub event: .+$/ })
  }
  process.env.GITHUB_EVENT_PATH = '/nowhere'
  await assert.rejects(run(), { name: 'UserError', message: /^\/nowhere is no GitHub event: ENOENT.+$/ })
})

it('A check that was begun and cannot be completed makes its job red', async (t) => {
  const { exitCode, said } = await step(t, ['report', '--check', '78'], {}, document())
  assert.equal(exitCode, 1)
  assert.match(said, /^::notice title=cannot complete the check::PATCH check-runs\/78: 404 Not Found$/m)
  assert.match(said, /^::error title=the check was not written::It stays in progress: run this job again$/m)
})

describe('The job of a fork', () => {
  const workflow_run = {
    ...{ id: 1, head_sha: 'abc', head_branch: 'main', html_url: 'x' },
    head_repository: { owner: { login: 'them' } }
  }

  it('has its check although the fork was deleted', async (t) => {
    const event = { workflow_run: { ...workflow_run, head_repository: null } }
    const { exitCode, said, check } = await step(t, ['fork'], event, document())
    assert.equal(exitCode, 0)
    assert.match(said, /^::notice title=cannot find the pull request::[^\n]*deleted[^\n]*$/)
    assert.deepEqual([check.head_sha, check.conclusion], ['abc', 'success'])
  })

  it('is refused in one line if its event lacks what GitHub tells', async (t) => {
    const event = { workflow_run: { ...workflow_run, head_sha: null } }
    await assert.rejects(step(t, ['fork'], event, document()), {
      name: 'UserError',
      message: /^[^\n]+ event: workflow_run\.head_sha: [^\n]+$/
    })
  })
})
