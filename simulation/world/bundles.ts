/** Bundles the page, as for the browser, and what runs it in virtual time. */
import type { BuildOptions } from 'esbuild'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle, bundleOptions } from '../../libraries/bundle/bundle'
import { pageModule, ROOT } from '../../libraries/bundle/sources'
import type { ChosenLibrary } from '../../libraries/library'
import { suiteCommit } from '../../cli/suite-commit'

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
const OWN = {
  lighthouse: { ...EXPORTED, entryPoints: [join(__dirname, 'lighthouse-entry.ts')] },
  /** In which pages run: see realm.ts. */
  browser: { ...EXPORTED, entryPoints: [join(__dirname, '../browser/globals.ts')], platform: 'browser' },
  /** Of a child process that runs simulations: a complete program. */
  child: { entryPoints: [join(__dirname, '../child.ts')], format: 'cjs' }
} satisfies Record<string, BuildOptions>

export const OWN_PROGRAMS = Object.keys(OWN) as (keyof typeof OWN)[]

/** What a simulation needs besides its builds. It can be sent to another process. */
export type Programs = Record<'lighthouse' | 'browser', string> & { suiteCommit: string | undefined }

/** The code of the page with this build of the library: the browser's bundle, with a different entry. */
export async function bundlePage({ page }: Pick<ChosenLibrary, 'page'>): Promise<string> {
  const entry = pageModule('simulation/world/page-entry')
  const options = await bundleOptions({ ...page, outDir: ROOT, entry })
  return codeOf({ ...options, ...EXPORTED }, page.libraries)
}

export async function bundlePrograms(): Promise<Programs> {
  const [lighthouse, browser] = await Promise.all([bundleOwn('lighthouse'), bundleOwn('browser')])
  return { lighthouse, browser, suiteCommit: suiteCommit() }
}

const known = new Map<string, Promise<string>>()

/** Once in a process. */
export function bundleOwn(name: keyof typeof OWN): Promise<string> {
  const file = join(READY, `${name}.js`)
  const code = known.get(name) ?? (existsSync(file) ? readFile(file, 'utf8') : codeOf(optionsOf(name)))
  known.set(name, code)
  return code
}

const optionsOf = (name: keyof typeof OWN): BuildOptions => ({
  absWorkingDir: ROOT,
  bundle: true,
  preserveSymlinks: true,
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'silent',
  ...OWN[name]
})

async function codeOf(...page: Parameters<typeof bundle>): Promise<string> {
  const { outputFiles } = await bundle(...page)
  return outputFiles![0]!.text
}
