/** Builds of the library from the commits of its own repository. */
import { execFile, spawn, type ExecFileException } from 'node:child_process'
import { hash as digestOf } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, realpath, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { printable } from '../cli/printable'
import { UserError } from '../cli/user-error'
import { attempt } from '../protocol/attempt'
import { libraryCacheFolder, makeCache, temporaryIn } from './cache'

export type Commit = ReturnType<typeof parse>

/** Where the user has set log.showSignature, lines about signatures would stand between the commits. */
const FORMAT = ['--no-show-signature', '--format=%H%x00%P%x00%ct%x00%s']
const MAX_BUFFER = 2 ** 26
const REST_OF_OUTPUT_MS = 1000
/** npm's last lines say where it failed, and Node.js's its version. Both also show what they run. */
const ERROR_LINE =
  /^(?!> | *throw |npm \S+ *(?:$|code|errno|syscall|path|workspace|location|command|Lifecycle)).*error\b.*/im
/** Of a hook or `git bisect run`: they would name the caller's index, even to the commit's build. */
const NO_CALLER = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined }
const run = promisify(execFile)

/** Throws UserError with git's first line that tells an error. */
export async function git(repository: string, ...args: string[]): Promise<string> {
  try {
    // In English, whatever the user's language: its words are looked for.
    const env = { ...process.env, ...NO_CALLER, LC_ALL: 'C' }
    const { stdout } = await run('git', ['-C', repository, ...args], { maxBuffer: MAX_BUFFER, env })
    return stdout.trimEnd()
  } catch (error) {
    const { stderr = '', message, signal } = error as ExecFileException
    // Ctrl-C reaches git itself, too.
    if (signal) throw new UserError(`Stopped by ${signal}`)
    if (stderr.includes('not a git repository'))
      throw new UserError(
        `There is no git repository in ${resolve(repository)}: call this in the library's repository, or name its folder`
      )
    const unknown = stderr.includes('bad revision') ? 'correct it, or fetch the whole history' : ''
    // As in a container whose user does not own the checkout.
    const [fix = unknown] = /(?<=\t)git config .*safe\.directory.*/.exec(stderr) ?? []
    const [first] = /^(fatal|error): .*/m.exec(stderr) ?? (stderr || message).split('\n')
    throw new UserError(`git in ${resolve(repository)}: ${[first, fix].filter(Boolean).join(': ')}`)
  }
}

/** Of a folder within its repository, such as "packages/peer/"; empty for the root. */
export const prefixOf = (folder: string) => git(folder, 'rev-parse', '--show-prefix')

export async function commitAt(repository: string, revision: string): Promise<Commit> {
  return parse(await git(repository, 'log', '-1', ...FORMAT, '--end-of-options', revision, '--'))
}

/** From `good` to `bad`, both included, oldest first. All descend from `good`; merges count as one step. */
export async function commitsBetween(repository: string, good: string, bad: string): Promise<Commit[]> {
  const [first, last] = [await commitAt(repository, good), await commitAt(repository, bad)]
  if (first.hash === last.hash) return [first]
  const range = `${first.hash}..${last.hash}`
  const between = new Set((await git(repository, 'rev-list', '--ancestry-path', range, '--')).split('\n'))
  if (!between.has(last.hash))
    throw new UserError(
      `${good} is not an ancestor of ${bad}: name the older one with --good (of two branches, what git merge-base prints), or fetch the whole history`
    )
  const list = await git(repository, 'log', '--first-parent', '--reverse', ...FORMAT, range, '--')
  const commits = list.split('\n').map(parse)
  return [first, ...commits.filter(({ hash }) => between.has(hash))]
}

function parse(line: string) {
  const [hash, parents, seconds, subject] = line.split('\0') as [string, string, string, string]
  return {
    hash,
    parent: parents === '' ? null : parents.split(' ')[0]!,
    subject: printable(subject),
    /** ms since 1970. */
    committedAt: 1000 * Number(seconds)
  }
}

/**
 * Builds the commit beside the working copy, and keeps the result in the cache. Returns the folder in it that
 * `repository` names: the library may be one of several packages. If `check` throws, nothing is kept. Throws
 * UserError if the command fails, and what aborted the signal.
 */
export async function buildCommit(
  repository: string,
  { hash, subject }: Pick<Commit, 'hash' | 'subject'>,
  command: string | undefined,
  tell: (line: string) => void,
  signal: AbortSignal,
  check?: () => Promise<void>
): Promise<string> {
  const digest = digestOf('sha256', `${hash}\0${command ?? ''}`)
  const cache = join(libraryCacheFolder(), 'commits')
  const place = join(cache, `${hash.slice(0, 12)}-${digest.slice(0, 8)}`)
  const library = join(place, await prefixOf(repository))
  if (existsSync(place)) return library
  makeCache(cache)
  tell(`Building ${hash.slice(0, 9)} ${subject}`)
  // Within .git: Node.js and npm then find what the repository has installed, and git does not see it.
  const shared = resolve(await realpath(repository), await git(repository, 'rev-parse', '--git-common-dir'))
  await mkdir(join(shared, 'peer-perf'), { recursive: true })
  const work = await temporaryIn(join(shared, 'peer-perf'))
  const partial = await temporaryIn(cache)
  try {
    await git(repository, '-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '-f', '--detach', work, hash)
    signal.throwIfAborted()
    await linkPackages(dirname(shared), work)
    if (command !== undefined) await runIn(work, command, signal)
    await check?.()
    await cp(work, partial, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !['.git', 'node_modules'].includes(basename(path))
    })
    await rename(partial, place).catch((error: unknown) => {
      // Another process has built it meanwhile.
      if (!existsSync(place)) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
    await rm(work, { recursive: true, force: true })
    await forgetMissing(repository, join(shared, 'peer-perf'))
  }
  return library
}

/** Links to the repository's own packages (npm's workspaces): else the working copy's would be bundled. */
async function linkPackages(top: string, work: string): Promise<void> {
  const modules = join(top, 'node_modules')
  const namesIn = (folder: string) => readdir(join(modules, folder)).catch(() => [])
  const scopes = (await namesIn('')).filter((name) => name.startsWith('@'))
  for (const scope of ['', ...scopes])
    for (const name of await namesIn(scope)) {
      const target = relative(top, await realpath(join(modules, scope, name)).catch(() => modules))
      if (/^(\.\.|node_modules)(\/|$)/.test(target)) continue
      await mkdir(join(work, 'node_modules', scope), { recursive: true })
      // A commit may have files of its own there.
      await symlink(join(work, target), join(work, 'node_modules', scope, name)).catch(() => undefined)
    }
}

/** Only this program's own: `git worktree prune` forgets the user's, too, whose drives are away. */
async function forgetMissing(repository: string, places: string): Promise<void> {
  const own = await realpath(places)
  for (const [, path] of (await git(repository, 'worktree', 'list', '--porcelain')).matchAll(
    /^worktree (.*)$/gm
  ))
    if (path!.startsWith(`${own}/`) && !existsSync(path!))
      // Another process may have done so meanwhile.
      await git(repository, 'worktree', 'remove', '--force', path!).catch(() => undefined)
}

/** Ends with the command's shell, and ends what that left. Throws what aborted it. */
async function runIn(folder: string, command: string, signal: AbortSignal): Promise<void> {
  const child = spawn(command, {
    cwd: folder,
    shell: true,
    // Node options of this program must not affect the build.
    env: { ...process.env, ...NO_CALLER, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In its own process group, which can be ended as a whole.
    detached: true
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)))
  // All of it may have ended.
  const kill = () => attempt(() => process.kill(-child.pid!, 'SIGKILL'))
  signal.addEventListener('abort', kill)
  process.once('exit', kill)
  const closed = once(child, 'close').catch(() => undefined)
  const [code] = (await once(child, 'exit')) as [number | null]
  kill()
  signal.removeEventListener('abort', kill)
  process.off('exit', kill)
  // What has left the group may keep the output open.
  await Promise.race([closed, delay(REST_OF_OUTPUT_MS, undefined, { ref: false })])
  for (const stream of [child.stdout, child.stderr]) stream.destroy()
  signal.throwIfAborted()
  const [reason = said] = ERROR_LINE.exec(said) ?? []
  const last = printable(reason.trim().split('\n').at(-1)!)
  if (code !== 0) throw new UserError(`"${command}" ended with code ${code}: ${last}`)
}
