/**
 * The GitHub Action in a pull request: a library's repository with a branch for each verdict, the action's
 * steps in order, and GitHub on loopback.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { every, PLACES, plant, type PlantedFault } from '../client/builds/testing/planted-build'
import { FakeGitHub } from '../deploy/github/testing/fake-github'
import { runAction, type Ran } from '../deploy/github/testing/run-action'

const ROOT = resolve(__dirname, '..')
const BOT = 'github-actions[bot]'
const MARKER = '<!-- peer-perf:default -->'
const PACKETS: PlantedFault['replace'] = [
  [PLACES.transmit, `${PLACES.transmit} if (${every(20, 'plantedSends')}) ${PLACES.transmit}`]
]
const BURN = 'for (const until = performance.now() + 0.4; performance.now() < until; );'
const CPU: PlantedFault['replace'] = [[PLACES.receive, `${PLACES.receive} ${BURN}`]]
const QUICK = '--blocks 8'

const temp = mkdtempSync(join(tmpdir(), 'pull-request-'))
const workspace = join(temp, 'my-peer')
const fake = new FakeGitHub('o/my-peer')
let url: string
let runs = 0

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: workspace })
    .toString()
    .trim()

/** Commits to a branch of its own, starting from main if it is new. Returns the commit. */
function push(branch: string, replace: PlantedFault['replace'], text = branch): string {
  git('checkout', '--quiet', '-B', branch, 'main')
  const bundle = join(workspace, 'bundle.js')
  writeFileSync(bundle, `${plant(readFileSync(bundle, 'utf8'), { name: branch, replace })}\n// ${text}\n`)
  git('commit', '--quiet', '--all', '--message', text)
  return git('rev-parse', 'HEAD')
}

/** What GitHub gives a job of this event. */
function environment(event: object, sha: string): Record<string, string> {
  const file = join(temp, `event-${runs}.json`)
  writeFileSync(file, JSON.stringify(event))
  return {
    GITHUB_API_URL: url,
    GITHUB_EVENT_PATH: file,
    GITHUB_REPOSITORY: 'o/my-peer',
    GITHUB_RUN_ID: '99',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_SHA: sha
  }
}

/** The job on a push to a pull request. */
async function measure(
  branch: string,
  inputs: Record<string, string>,
  { number = 1, token = 'job', replace = [] as PlantedFault['replace'], text = branch } = {}
): Promise<Ran & { sha: string }> {
  const sha = push(branch, replace, text)
  const pull = fake.pulls.find((each) => each.number === number)
  if (pull) pull.head.sha = sha
  else fake.pulls.push({ number, from: `them:${branch}`, head: { sha } })
  const own = join(temp, `run-${runs++}`)
  const ran = await runAction(join(ROOT, 'action.yml'), {
    ...{ temp: own, workspace, token },
    inputs: { baseline: 'merge-base', args: QUICK, ...inputs },
    env: environment({ pull_request: { number, head: { sha } } }, 'merge')
  })
  return { ...ran, sha }
}

const check = (sha: string) => fake.checks.filter((each) => each.head_sha === sha).at(-1)
const commentsOf = (number: number) => fake.comments.get(number) ?? []

before(async () => {
  const library = dirname(require.resolve('peer-layers/package.json'))
  cpSync(library, workspace, { recursive: true })
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', workspace])
  writeFileSync(join(workspace, '.gitignore'), 'node_modules\n')
  git('add', '.')
  git('commit', '--quiet', '--message', 'The library')
  fake.tokens.set('job', { login: BOT, mayWrite: true })
  fake.tokens.set('fork', { login: BOT, mayWrite: false })
  url = await fake.start()
})
after(() => {
  fake.close()
  rmSync(temp, { recursive: true })
})

describe('a pull request', () => {
  it('that changes nothing passes, and a second push that is worse edits its only comment', async () => {
    const theirs = fake.write(1, 'someone', `${MARKER}\nmine`)
    const same = await measure('feature', {})
    assert.ok(same.succeeded, same.log)
    assert.equal(same.outputs.verdict, 'pass')
    assert.equal(check(same.sha)!.conclusion, 'success')
    assert.match(same.summary, /^### Pass/)
    const [, first] = commentsOf(1)
    assert.match(first!.body, /^<!-- peer-perf:default -->\n### Pass/)

    const worse = await measure('feature', {}, { replace: PACKETS, text: 'a second push' })
    assert.ok(!worse.succeeded)
    assert.equal(worse.outputs.conclusion, 'failure')
    const { status, conclusion, output } = check(worse.sha)!
    assert.deepEqual([status, conclusion], ['completed', 'failure'])
    assert.match(output!.title, /^worse in .*packets per message \+\d.*, margin 0\.5%/)
    assert.match(worse.log, /^::error title=worse%3A traffic::packets per message \+/m)
    assert.equal(commentsOf(1).length, 2)
    assert.equal(commentsOf(1)[1]!.id, first!.id)
    assert.match(first!.body, /^<!-- peer-perf:default -->\n### Worse in .*packets per message/)
    assert.equal(theirs.body, `${MARKER}\nmine`)
    assert.match(readFileSync(join(worse.artifact, 'comparison.html'), 'utf8'), /<!doctype html>/)
  })

  it('that stays undecided is neutral, with the next command', async () => {
    const { outputs, succeeded, sha, summary } = await measure(
      'few-blocks',
      { args: '--blocks 3' },
      { number: 2 }
    )
    assert.ok(succeeded)
    assert.equal(outputs.verdict, 'undecided')
    assert.equal(check(sha)!.conclusion, 'neutral')
    assert.match(summary, /^### Undecided.*Next, to decide it: `npx peer-perf compare/s)
  })

  it('that needs more CPU is worse in browsers', async () => {
    const args = '--gate only,cpu --peers 4 --duration 6 --warmup 2 --max-blocks 12'
    const { outputs, sha, log } = await measure('cpu', { args, profile: 'full' }, { number: 3, replace: CPU })
    assert.equal(outputs.verdict, 'worse', log)
    assert.match(check(sha)!.output!.title, /^worse in CPU: per delivered message \+/)
  })

  it('whose build does not exist fails as not measured', async () => {
    const { succeeded, outputs, sha, summary } = await measure(
      'lost',
      { baseline: 'file:../nowhere', candidate: 'file:.' },
      { number: 4 }
    )
    assert.ok(!succeeded)
    assert.equal(outputs.verdict, 'not measured')
    assert.deepEqual([check(sha)!.conclusion, check(sha)!.output!.title], ['failure', 'not measured'])
    assert.match(summary, /^### Not measured\n\n```text\n.*nowhere has no package\.json/)
  })
})

describe('a pull request from a fork', () => {
  let measured: Ran & { sha: string }
  /** The second workflow, on the artifact of the first. */
  const conclude = (artifact: string | undefined) => {
    const own = join(temp, `run-${runs++}`)
    const { sha } = measured
    const head_repository = { owner: { login: 'them' } }
    const workflow_run = { id: 99, head_sha: sha, head_branch: 'forked', head_repository, html_url: 'x' }
    return runAction(join(ROOT, 'deploy/github/fork/action.yml'), {
      ...{
        temp: own,
        workspace: temp,
        inputs: {},
        token: 'job',
        ...(artifact !== undefined && { artifact })
      },
      env: environment({ workflow_run }, 'main')
    })
  }
  const told = () => [check(measured.sha)!.output!.title, commentsOf(5).at(-1)!.body] as const

  it('is measured without any secret, and its job is as green as the verdict', async () => {
    fake.writes.length = 0
    measured = await measure('forked', {}, { number: 5, token: 'fork' })
    assert.ok(measured.succeeded, measured.log)
    assert.match(measured.summary, /^### Pass/)
    assert.match(measured.log, /::notice title=cannot create a check::.*403 Resource not accessible/)
    assert.deepEqual(fake.writes, [])
  })

  it('gets its check and its comment from the second workflow', async () => {
    const ran = await conclude(measured.artifact)
    assert.ok(ran.succeeded, ran.log)
    const [title, body] = told()
    assert.match(title, /^pass/)
    assert.match(body, /^<!-- peer-perf:default -->\n### Pass.*its figures are not verified/s)
  })

  const EVIL = '</details> @everyone ![x](https://evil.example/x) # Approved'
  const HOSTILE: Record<string, (file: string) => void> = {
    'is not JSON': (file) => {
      writeFileSync(file, EVIL)
    },
    'is a link to a secret': (file) => {
      writeFileSync(join(temp, 'secret'), 'SECRET')
      symlinkSync(join(temp, 'secret'), file)
    },
    'is far too large': (file) => {
      writeFileSync(file, Buffer.alloc(17 << 20, ' '))
    },
    'names a criterion of its own': (file) => {
      const text = readFileSync(join(measured.artifact, 'comparison.json'), 'utf8')
      const document = JSON.parse(text) as { gate: { criteria: { name: string }[] } }
      document.gate.criteria[0]!.name = EVIL
      writeFileSync(file, JSON.stringify(document))
    }
  }
  for (const [says, write] of Object.entries(HOSTILE))
    it(`is not measured if its artifact ${says}`, async () => {
      const folder = join(temp, `hostile-${runs}`)
      mkdirSync(folder)
      write(join(folder, 'comparison.json'))
      const ran = await conclude(folder)
      assert.ok(ran.succeeded, ran.log)
      const [title, body] = told()
      assert.equal(title, 'not measured')
      assert.doesNotMatch(body + ran.summary, /everyone|evil|SECRET|Approved/)
      assert.equal(commentsOf(5).length, 1)
    })

  it('is not measured without an artifact', async () => {
    assert.ok((await conclude(undefined)).succeeded)
    assert.match(told()[1], /The job of the fork left no comparison/)
  })
})
