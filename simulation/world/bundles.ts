/** Bundles the page, as for the browser, and what runs it in virtual time. */
import type { BuildOptions } from 'esbuild'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle, bundleOptions } from '../../client/bundle/bundle'
import { pageModule, ROOT } from '../../client/bundle/sources'
import type { ChosenLibrary } from '../../client/builds/library'

/** In the package, what does not depend on the build is ready, beside the program. */
const READY = join(__dirname, 'simulation')

/** The bundle is a function body that returns its entry's exports. */
const EXPORTED: BuildOptions = {
  format: 'iife',
  globalName: 'exported',
  footer: { js: 'return exported' },
  sourcemap: false,
  write: false
}

/** What does not depend on the build. */
const OWN: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  preserveSymlinks: true,
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'silent'
}

/** The code of the page with this build of the library: the browser's bundle, with a different entry. */
export async function bundlePage({ page }: Pick<ChosenLibrary, 'page'>): Promise<string> {
  const entry = pageModule('simulation/world/page-entry')
  const options = await bundleOptions({ ...page, outDir: ROOT, entry })
  return codeOf({ ...options, ...EXPORTED }, page.libraries)
}

export function bundleLighthouse(): Promise<string> {
  return ready('lighthouse', { ...OWN, ...EXPORTED, entryPoints: [join(__dirname, 'lighthouse-entry.ts')] })
}

/** The code of the browser in which pages run: see realm.ts. */
export function bundleBrowser(): Promise<string> {
  const entryPoints = [join(__dirname, '../browser/globals.ts')]
  return ready('browser', { ...OWN, ...EXPORTED, entryPoints, platform: 'browser' })
}

/** What a simulation needs besides its builds. It can be sent to another process. */
export interface Programs {
  lighthouse: string
  browser: string
}

export async function bundlePrograms(): Promise<Programs> {
  const [lighthouse, browser] = await Promise.all([bundleLighthouse(), bundleBrowser()])
  return { lighthouse, browser }
}

/** The code of a child process that runs one simulation: a complete program. */
export function bundleChild(): Promise<string> {
  return ready('child', { ...OWN, entryPoints: [join(__dirname, '../child.ts')], format: 'cjs' })
}

const known = new Map<string, Promise<string>>()

/** Once in a process: it does not depend on the build. */
function ready(name: string, options: BuildOptions): Promise<string> {
  const file = join(READY, `${name}.js`)
  const code = known.get(name) ?? (existsSync(file) ? readFile(file, 'utf8') : codeOf(options))
  known.set(name, code)
  return code
}

async function codeOf(...page: Parameters<typeof bundle>): Promise<string> {
  const { outputFiles } = await bundle(...page)
  return outputFiles![0]!.text
}
