/**
 * A cache of installed builds of the peer library, each with its dependencies and with hashes that reveal any
 * modification.
 */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { UserError } from '../cli/user-error'
import { contentHash } from './content-hash'
import { npmInstall } from './npm'
import type { LibrarySpecification } from './specification'

export interface InstalledLibrary {
  /** The unpacked package. Its dependencies are in the surrounding `node_modules`. */
  folder: string
  name: string
  version: string
  /** npm's integrity hash for a published package; the content hash for a local folder. */
  integrity: string
}

/** Facts about an installed build, stored beside it in `installed.json`. */
interface InstallRecord {
  integrity: string
  /** Hash of the unpacked files. */
  contentHash: string
}

const RECORD = 'installed.json'

export function libraryCacheFolder(env = process.env): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'catalyst-peer-libraries')
}

type Installable = Exclude<LibrarySpecification, { kind: 'bundled' }>

/**
 * Returns the build from the cache, and installs it first if necessary. A folder is hashed each time, because
 * its content changes. Throws UserError.
 */
export async function installLibrary(
  wanted: Installable,
  tell: (line: string) => void,
  cache = libraryCacheFolder()
): Promise<InstalledLibrary> {
  return wanted.kind === 'folder'
    ? installFolder(wanted.path, cache)
    : installPublished(wanted.name, wanted.version, tell, cache)
}

async function installPublished(
  name: string,
  version: string,
  tell: (line: string) => void,
  cache: string
): Promise<InstalledLibrary> {
  const place = join(cache, `${name.replace('/', '+')}@${version}`)
  const folder = join(place, 'node_modules', name)
  const record = await readRecord(place)
  if (record) {
    if ((await contentHash(folder).catch(() => '')) === record.contentHash)
      return { folder, name, version, integrity: record.integrity }
    tell(`${name}@${version} in the cache has been altered: installing it anew`)
  }
  tell(`Installing ${name}@${version} …`)
  await installInto(place, cache, `${name}@${version}`, async (root) => ({
    integrity: await lockedIntegrity(root, name),
    contentHash: await contentHash(join(root, 'node_modules', name))
  }))
  return { folder, name, version, integrity: (await readRecord(place))!.integrity }
}

async function installFolder(path: string, cache: string): Promise<InstalledLibrary> {
  const { name, version } = await packageOf(path)
  const hash = await contentHash(path)
  const place = join(cache, `folder-${hash.replace(/\W/g, '').slice(6, 26)}`)
  const folder = join(place, 'node_modules', name)
  if (!(await readRecord(place)))
    await installInto(place, cache, path, () => Promise.resolve({ integrity: hash, contentHash: hash }))
  return { folder, name, version, integrity: hash }
}

/**
 * Installs into a temporary folder and then renames it, so that nobody mistakes a half-installed build for a
 * complete one, even if several processes install at the same time.
 */
async function installInto(
  place: string,
  cache: string,
  what: string,
  recordOf: (root: string) => Promise<InstallRecord>
): Promise<void> {
  await mkdir(cache, { recursive: true })
  const temporary = await mkdtemp(join(cache, '.installing-'))
  try {
    await writeFile(join(temporary, 'package.json'), '{ "private": true }')
    await npmInstall(temporary, what)
    await writeFile(join(temporary, RECORD), JSON.stringify(await recordOf(temporary)))
    await rm(place, { recursive: true, force: true })
    await rename(temporary, place)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function readRecord(place: string): Promise<InstallRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(place, RECORD), 'utf8')) as InstallRecord
  } catch {
    return undefined
  }
}

/** The hash against which npm checked the package. */
async function lockedIntegrity(root: string, name: string): Promise<string> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>
  }
  const { integrity } = lock.packages[`node_modules/${name}`] ?? {}
  if (integrity === undefined) throw new UserError(`npm recorded no integrity hash of ${name}`)
  return integrity
}

async function packageOf(path: string): Promise<{ name: string; version: string }> {
  try {
    const { name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >
    if (typeof name === 'string' && typeof version === 'string') return { name, version }
  } catch {
    // Falls through to the same error.
  }
  throw new UserError(`${resolve(path)} has no package.json with name and version: is it a built library?`)
}
