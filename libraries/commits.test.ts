/** Builds of commits, with the real git. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../cli/user-error'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { processesWith } from '../tools/testing/processes'
import { buildCommit, commitAt, commitsBetween, git as ask } from './commits'

const DAY_AGO = new Date(Date.now() - 25 * 3600_000)
const folder = temporaryFolder()
const repository = join(folder, 'library')
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: repository })
    .toString()
    .trim()
const cache = process.env.XDG_CACHE_HOME
const heard: string[] = []
const build = async (
  revision: string,
  command?: string,
  within = repository,
  signal = new AbortController().signal
) => buildCommit(within, await commitAt(within, revision), command, (line) => heard.push(line), signal)

before(() => {
  process.env.XDG_CACHE_HOME = join(folder, 'cache')
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', repository])
  mkdirSync(join(repository, 'packages/peer'), { recursive: true })
  writeFileSync(join(repository, 'packages/peer/package.json'), '{}')
  for (const number of ['one', 'two', 'three']) {
    writeFileSync(join(repository, 'source.txt'), number)
    git('add', '.')
    git('commit', '--quiet', '--message', `Write ${number}`)
    git('tag', number)
  }
  writeFileSync(join(repository, 'source.txt'), 'not committed')
})
after(() => {
  process.env.XDG_CACHE_HOME = cache
  if (cache === undefined) delete process.env.XDG_CACHE_HOME
})

describe('commits', () => {
  it('are listed from the good one to the bad one', async () => {
    const subjects = (await commitsBetween(repository, 'one', 'HEAD')).map(({ subject }) => subject)
    assert.deepEqual(subjects, ['Write one', 'Write two', 'Write three'])
  })

  it('are told from what git says of their signatures', async (t) => {
    // cspell:ignore GOODSIG
    const gpg = join(folder, 'gpg')
    const signature = '-----BEGIN PGP SIGNATURE-----\\n\\nabc\\n-----END PGP SIGNATURE-----\\n'
    const check = 'echo "gpg: Signature made today" >&2; echo "[GNUPG:] GOODSIG 1 me"'
    const sign = `cat >/dev/null; echo "[GNUPG:] SIG_CREATED " >&2; printf -- '${signature}'`
    writeFileSync(gpg, `#!/bin/sh\ncase $* in *--verify*) ${check};; *) ${sign};; esac\n`, { mode: 0o755 })
    git('config', 'gpg.program', gpg)
    git('config', 'log.showSignature', 'true')
    git('commit', '--quiet', '--allow-empty', '--gpg-sign', '--message', 'Sign')
    t.after(() => git('reset', '--soft', 'three'))
    const subjects = (await commitsBetween(repository, 'three', 'HEAD')).map(({ subject }) => subject)
    assert.deepEqual(subjects, ['Write three', 'Sign'])
  })

  it('after a good one of a merged branch descend from it', async () => {
    const commit = (message: string, ...parents: string[]) =>
      git('commit-tree', 'three^{tree}', '-m', message, ...parents.flatMap((parent) => ['-p', parent]))
    const good = commit('Release', 'one')
    const merge = commit('Merge', commit('Elsewhere', 'one'), commit('Fix', good))
    const subjects = (await commitsBetween(repository, good, commit('Ring\x07', merge))).map(
      ({ subject }) => subject
    )
    assert.deepEqual(subjects, ['Release', 'Merge', 'Ring\ufffd'])
    assert.equal((await commitsBetween(repository, good, good)).length, 1)
  })

  const REFUSED: [good: string, bad: string, says: RegExp][] = [
    [
      'three',
      'one',
      /three is not an ancestor of one: name the older one .* git merge-base prints\), or fetch the whole/
    ],
    ['nowhere', 'one', /'nowhere': correct it, or fetch the whole history$/],
    ['--output=/tmp/x', 'one', /output/]
  ]
  for (const [good, bad, says] of REFUSED)
    it(`are refused in one line: ${good}..${bad}`, async () => {
      await assert.rejects(commitsBetween(repository, good, bad), (error: Error) => {
        assert.equal(error.name, 'UserError')
        assert.doesNotMatch(error.message, /\n/)
        assert.match(error.message, says)
        return true
      })
    })
})

it('git says how to let it read what another user owns, as in a container', async (t) => {
  // The tests' own settings, if any, trust every folder.
  const { GIT_CONFIG_COUNT = '0' } = process.env
  Object.assign(process.env, { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1', GIT_CONFIG_COUNT: '0' })
  t.after(() => {
    process.env.GIT_CONFIG_COUNT = GIT_CONFIG_COUNT
    Reflect.deleteProperty(process.env, 'GIT_TEST_ASSUME_DIFFERENT_OWNER')
  })
  await assert.rejects(commitAt(repository, 'HEAD'), {
    message: /^git in .*: fatal: .* ownership .*: git config --global --add safe\.directory .*library$/
  })
})

it('git speaks English, whose words are looked for', async (t) => {
  const { LC_ALL } = process.env
  t.after(() => (LC_ALL === undefined ? delete process.env.LC_ALL : (process.env.LC_ALL = LC_ALL)))
  process.env.LC_ALL = 'de_DE.UTF-8'
  assert.equal(await ask(repository, '-c', 'alias.language=!printenv LC_ALL', 'language'), 'C')
})

describe('the build of a commit', () => {
  it('has what the command makes of the commit, and leaves the working copy alone', async () => {
    const built = await build('two', 'cp source.txt built.txt')
    assert.equal(readFileSync(join(built, 'built.txt'), 'utf8'), 'two')
    assert.ok(!existsSync(join(built, '.git')))
    assert.equal(git('status', '--short'), 'M source.txt')
    assert.equal(git('worktree', 'list').split('\n').length, 1)
  })

  it('takes neither the repository nor the index of a hook', async (t) => {
    const index = join(repository, '.git/index')
    const before = readFileSync(index)
    const caller = { GIT_DIR: join(repository, '.git'), GIT_INDEX_FILE: index }
    Object.assign(process.env, caller)
    t.after(() => Object.keys(caller).forEach((name) => Reflect.deleteProperty(process.env, name)))
    const built = await build('one', 'git rev-parse HEAD >head', join(repository, 'packages/peer'))
    assert.match(built, /packages\/peer\/$/)
    assert.ok(readFileSync(index).equals(before))
    const head = readFileSync(join(built, '../../head'), 'utf8').trim()
    assert.equal(head, (await commitAt(repository, 'one')).hash)
  })

  it('that git cannot check out says why', async (t) => {
    const attributes = join(repository, '.git/info/attributes')
    writeFileSync(attributes, '* filter=lfs')
    t.after(() => rmSync(attributes))
    for (const [name, value] of Object.entries({ smudge: 'false', required: 'true' }))
      git('config', `filter.lfs.${name}`, value)
    await assert.rejects(build('two', 'echo never'), /library: error: external filter 'false' failed/)
  })

  it('is the package that was named, if the repository has several', async () => {
    const whole = await build('two', 'true')
    for (let time = 0; time < 2; time++)
      assert.equal(
        await build('two', 'true', join(repository, 'packages/peer')),
        join(whole, 'packages/peer/')
      )
  })

  it('has the other packages of its repository as the commit has them, not the working copy', async (t) => {
    const modules = join(repository, 'node_modules')
    t.after(() => rmSync(modules, { recursive: true }))
    mkdirSync(join(modules, '@own'), { recursive: true })
    mkdirSync(join(modules, 'foreign'))
    symlinkSync('../../packages/peer', join(modules, '@own/peer'))
    symlinkSync(folder, join(modules, 'elsewhere'))
    const own = join(repository, 'node_modules-of-ours')
    t.after(() => rmSync(own, { recursive: true }))
    mkdirSync(own)
    symlinkSync(own, join(modules, 'ours'))
    const peer = join(repository, 'packages/peer/package.json')
    t.after(() => writeFileSync(peer, '{}'))
    writeFileSync(peer, '{ "name": "changed" }')
    const built = await build(
      'two',
      'ls node_modules > names; cp node_modules/@own/peer/package.json seen.json'
    )
    assert.equal(readFileSync(join(built, 'seen.json'), 'utf8'), '{}')
    assert.equal(readFileSync(join(built, 'names'), 'utf8'), '@own\nours\n')
    // Node.js finds what is installed in the main worktree, from each of them.
    const other = join(folder, 'other')
    git('worktree', 'add', '--quiet', '--detach', other)
    t.after(() => git('worktree', 'remove', '--force', other))
    const seen = await build('two', 'cp node_modules/@own/peer/package.json seen', other)
    assert.equal(readFileSync(join(seen, 'seen'), 'utf8'), '{}')
  })

  it('is built within its own repository, even if a link names one of its folders', async () => {
    const link = join(folder, 'linked')
    symlinkSync(join(repository, 'packages/peer'), link)
    const built = await build('two', 'pwd >packages/peer/place', link)
    const place = readFileSync(join(built, 'place'), 'utf8')
    assert.ok(place.startsWith(join(realpathSync(repository), '.git/peer-perf/')), place)
  })

  it('keeps relative links', async () => {
    const built = await build('two', 'ln -s source.txt link.txt')
    assert.equal(readlinkSync(join(built, 'link.txt')), 'source.txt')
  })

  it('removes what others left that were killed a day ago', async () => {
    const [old, recent] = ['old', 'recent'].map((name) => {
      const work = join(repository, '.git/peer-perf', `.installing-${name}`)
      git('worktree', 'add', '--detach', work, 'one')
      return work
    }) as [string, string]
    const partial = join(folder, 'cache/catalyst-peer-libraries/commits/.installing-old')
    mkdirSync(partial)
    for (const path of [old, partial]) utimesSync(path, DAY_AGO, DAY_AGO)
    await build('two', 'echo anew')
    assert.deepEqual([old, partial, recent].map(existsSync), [false, false, true])
    git('worktree', 'remove', recent)
    assert.equal(git('worktree', 'list').split('\n').length, 1)
  })

  it('leaves nothing in the cache if it cannot have a worktree', async (t) => {
    const [places, commits] = [
      join(repository, '.git/peer-perf'),
      join(folder, 'cache/catalyst-peer-libraries/commits')
    ]
    const kept = readdirSync(commits)
    renameSync(places, `${places}-aside`)
    writeFileSync(places, 'no folder')
    t.after(() => {
      rmSync(places)
      renameSync(`${places}-aside`, places)
    })
    await assert.rejects(build('two', 'echo never'), /peer-perf/)
    assert.deepEqual(readdirSync(commits), kept)
  })

  it('forgets no worktree of the user’s whose drive is away', async () => {
    const [there, away] = [join(folder, 'there'), join(folder, 'away')]
    git('worktree', 'add', '--detach', there, 'one')
    renameSync(there, away)
    await build('two', 'echo a drive is away')
    renameSync(away, there)
    git('worktree', 'remove', there)
    assert.equal(git('worktree', 'list').split('\n').length, 1)
  })

  it('is made once for each commit and command', async () => {
    heard.length = 0
    const first = await build('one', 'true')
    assert.equal(await build('one', 'true'), first)
    assert.notEqual(await build('one'), first)
    assert.equal(heard.length, 2)
  })

  it('that fails says so with the last line of the command, and is not kept', async () => {
    const failing = `printf '\\033[31mno such ##[error]module\\n' >&2; exit 3`
    for (let time = 0; time < 2; time++)
      await assert.rejects(
        build('three', failing),
        /ended with code 3: \ufffd\[31mno such ##\ufffd\[error\]module$/
      )
    assert.equal(git('worktree', 'list').split('\n').length, 1)
  })

  it('that fails says the error, not where npm keeps its log', async () => {
    const npm = ['code 1', '', 'Missing script: "x"', 'A complete log of this run can be found in: y']
    const failing = `printf '${npm.map((line) => `npm error ${line}\\n`).join('')}'; false`
    await assert.rejects(build('three', failing), /ended with code 1: npm error Missing script: "x"$/)
    const script = `node -e 'throw new Error("why")' no-error`
    const echo = (line: string) => `echo '> ${line}'; ${script}`
    await assert.rejects(build('three', echo('eslint --no-error x')), /ended with code 1: Error: why$/)
  })

  const ENDS: [when: string, command: string, isStopped: boolean][] = [
    ['it is stopped', 'sleep 41', true],
    ['it is stopped and has begun others', 'sleep 41 & sleep 41', true],
    ['it left others running, with its output open', 'sleep 41 &', false]
  ]
  for (const [when, command, isStopped] of ENDS)
    it(`ends at once, with all that it began, when ${when}`, { timeout: 20_000 }, async (t) => {
      const mark = randomUUID()
      process.env.BUILD_MARK = mark
      t.after(() => delete process.env.BUILD_MARK)
      const controller = new AbortController()
      const begun = join(folder, mark)
      const built = build('one', `touch ${begun}; ${command}`, repository, controller.signal)
      if (isStopped) {
        while (!existsSync(begun)) await sleep(50)
        controller.abort(new UserError('Stopped by SIGTERM'))
        await assert.rejects(built, /^UserError: Stopped by SIGTERM$/)
      } else await built
      assert.deepEqual(processesWith(`BUILD_MARK=${mark}`), [])
      assert.equal(git('worktree', 'list').split('\n').length, 1)
    })

  it('does not begin where it could not be kept', async (t) => {
    const { XDG_CACHE_HOME } = process.env
    t.after(() => (process.env.XDG_CACHE_HOME = XDG_CACHE_HOME))
    process.env.XDG_CACHE_HOME = join(repository, 'source.txt')
    heard.length = 0
    await assert.rejects(build('one'), /^UserError: Builds can't be kept in .*: set XDG_CACHE_HOME/)
    assert.deepEqual(heard, [])
  })

  it('does not begin once it is to stop', async () => {
    const stopped = AbortSignal.abort(new UserError('Stopped by SIGINT'))
    await assert.rejects(build('two', 'touch never', repository, stopped), /^UserError: Stopped by SIGINT$/)
  })
})
