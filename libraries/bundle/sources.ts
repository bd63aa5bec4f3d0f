/** The page's modules: sources, or what tools/package.ts made of them, in a folder beside the program. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

const compiled = join(__dirname, 'page')
const isPackage = existsSync(join(compiled, 'index.js'))

export const ROOT = resolve(__dirname, '../..')
export const PAGE = isPackage ? compiled : join(ROOT, 'client')
export const ADAPTERS = isPackage ? compiled : join(PAGE, 'peer-libraries')
/** Its integrity hashes are recorded with results. */
export const LOCK = isPackage ? join(__dirname, 'integrities.json') : join(ROOT, 'package-lock.json')

/** A module of the page, by its path in a checkout without the extension. */
export function pageModule(path: string): string {
  return isPackage ? join(compiled, `${path.slice(path.lastIndexOf('/') + 1)}.js`) : join(ROOT, `${path}.ts`)
}

export function suitesDependency(name: string): string {
  const found = installed(name, ROOT)
  if (found === undefined) throw new Error(`${name} is not installed: run npm install`)
  return found
}

/** Finds a package as Node does. */
export function installed(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(from) === from ? undefined : installed(name, dirname(from))
}

interface Manifest {
  name?: unknown
  version?: unknown
  dependencies?: Record<string, unknown>
  optionalDependencies?: Record<string, unknown>
  bundleDependencies?: unknown
  bundledDependencies?: unknown
}

/** The package.json of a folder. Empty if there is none, or it is damaged. */
export async function manifestOf(folder: string): Promise<Manifest> {
  try {
    const text = await readFile(join(folder, 'package.json'), 'utf8')
    // Trimmed: npm takes a byte order mark, too.
    return (JSON.parse(text.trim()) as Manifest | null) ?? {}
  } catch {
    return {}
  }
}

/** The hash against which npm checked a package, as its lock file records it. */
export async function lockedIntegrity(lock: string, name: string): Promise<string | undefined> {
  const { packages } = JSON.parse(await readFile(lock, 'utf8')) as {
    packages: Partial<Record<string, { integrity?: string }>>
  }
  return packages[`node_modules/${name}`]?.integrity
}
