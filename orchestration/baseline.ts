/** Baselines that stand for a build which is found when the comparison begins. */
import { join } from 'node:path'
import { manifestOf } from '../libraries/bundle/sources'
import { buildCommit, commitAt, git, prefixOf } from '../libraries/commits'
import { CODE, contentHash } from '../libraries/bundle/content-hash'
import { latestVersion } from '../libraries/npm'
import { parseLibrary, type LibrarySpecification } from '../libraries/specification'
import { UserError } from '../cli/user-error'

export const BASELINE_HELP =
  'or merge-base, built from the commit where this branch left --base; or released, the newest published version'

export interface Repository {
  /** The branch that changes go to. */
  base?: string
  build?: string
}

/** The folder that one works in is the candidate of a baseline that is found by itself. */
export const usualCandidate = (baseline: string | undefined) => (isSymbolic(baseline) ? 'file:.' : undefined)

/**
 * The baseline as an exact name: `name@1.2.3`, or a folder whose name is that of its commit. Throws
 * UserError, and what aborted the signal.
 */
export async function exactBaseline(
  baseline: string,
  candidate: string,
  { base, build }: Repository,
  tell: (line: string) => void,
  signal: AbortSignal,
  versionOf = latestVersion
): Promise<string> {
  const [name, options] = baseline.split(/(?=\?)(.*)/s) as [string, string?]
  if (!isSymbolic(name)) return baseline
  const library = parseLibrary(candidate.split('?')[0]!)
  const exact = name === 'released' ? await released(library, versionOf) : await mergeBase()
  tell(`Baseline ${name}: ${exact}`)
  return exact + (options ?? '')

  async function mergeBase(): Promise<string> {
    const folder = library.kind === 'folder' ? library.path : '.'
    // Says that there is no such folder, or no repository.
    await prefixOf(folder)
    const branch = base ?? (await usualBase(folder))
    const hash = await found(git(folder, 'merge-base', branch, 'HEAD'))
    if (hash === undefined)
      throw new UserError(
        `--baseline merge-base: git in ${folder} finds no commit that HEAD and ${branch} share: fetch the whole history, or name the branch with --base`
      )
    const check =
      library.kind === 'folder' && build !== undefined ? await unchanged(folder, build) : undefined
    const built = await buildCommit(folder, await commitAt(folder, hash), build, tell, signal, check)
    const isPull = library.kind === 'folder' && (process.env.GITHUB_BASE_REF ?? '') !== ''
    if (
      isPull &&
      hash === (await commitAt(folder, 'HEAD')).hash &&
      (await codeOf(built)) === (await codeOf(folder))
    )
      throw new UserError(
        `--baseline merge-base: HEAD is in ${branch}, and would be compared with itself: let the workflow run on pull_request`
      )
    return `file:${built}`
  }
}

const isSymbolic = (text = '') => /^(merge-base|released)(\?|$)/.test(text)

async function released(library: LibrarySpecification, versionOf: typeof latestVersion): Promise<string> {
  if (library.kind === 'bundled')
    throw new UserError(
      `--baseline released: ${library.generation} names no package, so none can be looked up`
    )
  const name = library.kind === 'published' ? library.name : await nameIn(library.path)
  return `${name}@${await versionOf(name)}`
}

async function nameIn(folder: string): Promise<string> {
  const { name } = await manifestOf(folder)
  if (typeof name !== 'string')
    throw new UserError(`--baseline released: ${join(folder, 'package.json')} names no package`)
  return name
}

/**
 * Returns what refuses a build that replaced the candidate's code, which would compare as the same. A log of
 * this very command may grow in the same folder.
 */
async function unchanged(candidate: string, build: string): Promise<() => Promise<void>> {
  const before = await codeOf(candidate)
  return async () => {
    if ((await codeOf(candidate)) !== before)
      throw new UserError(
        `--baseline merge-base: "${build}" changed ${candidate}, the candidate: let it write inside its own checkout only, and build the candidate again`
      )
  }
}

const codeOf = (folder: string) => contentHash(folder, undefined, CODE)

/** The branch of the pull request, or what the repository calls its own. */
async function usualBase(folder: string): Promise<string> {
  const { GITHUB_BASE_REF: asked = '' } = process.env
  const usual = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']
  const branches = asked === '' ? usual : [`origin/${asked}`, asked]
  for (const branch of branches)
    if (await found(git(folder, 'rev-parse', '--verify', '--quiet', `${branch}^{commit}`))) return branch
  throw new UserError(
    `--baseline merge-base: git finds no branch ${branches.slice(-2).join(' or ')} in ${folder}: fetch the whole history, or name one with --base`
  )
}

const found = (said: Promise<string>) => said.catch(() => undefined)
