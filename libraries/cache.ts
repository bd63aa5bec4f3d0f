/** A cache of installed builds of the peer library, each with hashes that reveal any modification. */
import { hash as digestOf } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { homeFolder, makeFolder } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { isIn } from './bundle/confinement'
import { contentHash } from './bundle/content-hash'
import { lockedIntegrity, manifestOf } from './bundle/sources'
import { npmInstall } from './npm'
import type { LibrarySpecification } from './specification'

interface InstallRecord {
  integrity: string
  /** Hash of all that npm unpacked, dependencies included. */
  contentHash: string
}

/** What commands print, perhaps this very one, is no part of a build. The empty name is an archive. */
const NO_OUTPUT = /^(?!.*\.(?:log|out|xml|html|md|jsonl)$)/

/** Not `installed.json`: that of earlier versions has a hash without the dependencies. */
const RECORD = 'installation.json'
/** What begins so is not whole yet. */
const TEMPORARY = '.installing-'

/** A path that is not absolute counts as none (https://specifications.freedesktop.org/basedir-spec). */
export function libraryCacheFolder({ XDG_CACHE_HOME = '' } = process.env): string {
  const caches = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homeFolder(), '.cache')
  return join(caches, 'catalyst-peer-libraries')
}

/** A new folder in this one, from which it removes what processes that were killed have left. */
export async function temporaryIn(folder: string): Promise<string> {
  for (const name of (await readdir(folder)).filter((each) => each.startsWith(TEMPORARY))) {
    const path = join(folder, name)
    const made = await stat(path).catch(() => undefined)
    // No build takes a day. It may be another user's, or another process removes it.
    if (made && Date.now() - made.mtimeMs > 24 * 3600_000)
      await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
  return mkdtemp(join(folder, TEMPORARY))
}

/** Throws UserError if the folder can neither be written to nor created. */
export function makeCache(folder: string): void {
  try {
    makeFolder(folder)
  } catch (error) {
    throw new UserError(
      `Builds can't be kept in ${folder} (${(error as Error).message}): set XDG_CACHE_HOME to a folder of yours`
    )
  }
}

/**
 * Installs the build if the cache lacks it. `folder`: the package, with its dependencies in the surrounding
 * `node_modules`; `integrity`: npm's hash, or a local folder's own, which can change. Throws UserError.
 */
export async function installLibrary(
  wanted: Exclude<LibrarySpecification, { kind: 'bundled' }>,
  tell: (line: string) => void,
  cache = libraryCacheFolder()
) {
  if (wanted.kind === 'folder') {
    const { path } = wanted
    const name = await packageName(path)
    const hash = await hashOf(path)
    const place = join(cache, `folder-${hash.replace(/\W/g, '').slice(6, 26)}`)
    if (!(await intactRecord(place)))
      await installInto(place, cache, path, async () => {
        if ((await hashOf(path)) !== hash)
          throw new UserError(
            `${path} changed while it was installed: run this again once its build has ended`
          )
        return hash
      })
    return { folder: join(place, 'node_modules', name), integrity: hash }
  }
  const { name, version } = wanted
  const build = `${name}@${version}`
  const place = join(cache, build.replace('/', '+'))
  const folder = join(place, 'node_modules', name)
  const known = await intactRecord(place)
  if (known) return { folder, integrity: known.integrity }
  if (existsSync(place)) tell(`${build} in the cache has been altered: installing it anew`)
  tell(`Installing ${build} …`)
  const integrity = await installInto(place, cache, build, async (root) => {
    const locked = await lockedIntegrity(join(root, 'package-lock.json'), name)
    if (locked === undefined) throw new UserError(`npm recorded no integrity hash of ${name}`)
    return locked
  })
  return { folder, integrity }
}

/** The hash of the folder and of what it depends on by path: a change in any of them is another build. */
async function hashOf(path: string): Promise<string> {
  const hashes = [...(await withPaths(path))].map((each) => contentHash(each, undefined, NO_OUTPUT))
  const [own, ...others] = await Promise.all(hashes)
  return others.length === 0 ? own! : `sha512-${digestOf('sha512', [own, ...others].join(), 'base64')}`
}

/** Adds the folder or archive, and those that it depends on. npm says which are missing. */
async function withPaths(path: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(path) || !existsSync(path)) return found
  found.add(path)
  const manifest = await manifestOf(path)
  const bundled = [manifest.bundleDependencies, manifest.bundledDependencies].flat()
  if (bundled.some(Boolean)) await refuseLinks(path)
  for (const where of Object.values({ ...manifest.dependencies, ...manifest.optionalDependencies }))
    if (typeof where === 'string' && where.startsWith('file:'))
      await withPaths(resolve(path, where.slice('file:'.length)), found)
  return found
}

/** npm packs what a link to a bundled dependency leads to, as to the user's keys, though it be no package. */
async function refuseLinks(folder: string, walked: string[] = []): Promise<void> {
  const own = await realpath(folder)
  walked.push(own)
  for (const { parentPath, name } of await readdir(own, { recursive: true, withFileTypes: true })) {
    const path = join(parentPath, name)
    const isDependency = /\/node_modules(\/(@[^/]+\/)?[^/]+)?$/.test(path.slice(own.length))
    if (!isDependency || (await isIn(walked, path))) continue
    if (!(await manifestOf(path)).name)
      throw new UserError(`${path} leads out of ${own}, which bundles it: put a copy there`)
    await refuseLinks(path, walked)
  }
}

/**
 * Renames a temporary folder, so that no other process takes a half-installed build for a whole one. Returns
 * its integrity.
 */
async function installInto(
  place: string,
  cache: string,
  what: string,
  integrityOf: (root: string) => Promise<string>
): Promise<string> {
  makeCache(cache)
  const temporary = await temporaryIn(cache)
  const altered = `${temporary}.old`
  try {
    await writeFile(join(temporary, 'package.json'), '{ "private": true }')
    await npmInstall(temporary, what)
    const integrity = await integrityOf(temporary)
    const record = { integrity, contentHash: await installedHash(temporary) }
    await writeFile(join(temporary, RECORD), JSON.stringify(record))
    for (let isLast = false; ; isLast = true) {
      try {
        await rename(temporary, place)
        return integrity
      } catch (error) {
        // Another process has installed it meanwhile, and may be using it.
        if (await intactRecord(place)) return integrity
        if (isLast) throw error
      }
      await rename(place, altered).catch(() => undefined)
    }
  } finally {
    for (const folder of [temporary, altered]) await rm(folder, { recursive: true, force: true })
  }
}

/** What is installed there; undefined if nothing is, or if it has been altered. */
async function intactRecord(place: string): Promise<InstallRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(place, RECORD), 'utf8')) as InstallRecord
    return record.contentHash === (await installedHash(place)) ? record : undefined
  } catch {
    return undefined
  }
}

const installedHash = (place: string) => contentHash(join(place, 'node_modules'), [])

async function packageName(path: string): Promise<string> {
  const { name, version } = await manifestOf(path)
  if (typeof name === 'string' && typeof version === 'string') return name
  throw new UserError(`${resolve(path)} has no package.json with name and version: is it a built library?`)
}
