/**
 * Runs a bundle with different globals, passed as parameters of the function into which the bundle is
 * compiled. Unlike a node:vm context, this keeps a single realm and makes access to globals no slower. Unlike
 * rewriting the source, it runs the same bundle that browsers get.
 */
import { createHash } from 'node:crypto'
import { createRequire, builtinModules } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'
import type { SeededRandom } from '../engine/random'
import type { Thread } from '../engine/thread'
import { timeAndChance } from './globals'

type Bundle = (...globals: unknown[]) => unknown

/** Compiled bundles by name and text: the pages of a test, and the tests of a process, share them. */
const compiled = new Map<string, Script>()

/** Returns what the bundle exports; it must end in `return exported`. */
export function runBundle(code: string, name: string, globals: Record<string, unknown>): unknown {
  const text = `(function (${Object.keys(globals).join(', ')}) {${code}\n})`
  const key = `${name}\n${text}`
  let script = compiled.get(key)
  if (script === undefined) compiled.set(key, (script = new Script(text, { filename: name })))
  // Each run gives another function, so that no two runs share a variable.
  return (script.runInThisContext() as Bundle)(...Object.values(globals))
}

/** The globals of bundles that need Node's modules: everything but Node's time and randomness. */
export function nodeGlobals(thread: Thread, random: SeededRandom): Record<string, unknown> {
  // Only Node's built-in modules are required, so the folder does not matter; a worker has no file.
  const real = createRequire(join(process.cwd(), 'simulation.js'))
  const require = (name: string): unknown => {
    const bare = name.replace('node:', '')
    if (bare === 'crypto')
      return { ...(real('crypto') as object), randomUUID: () => random.uuid(), createHash }
    if (!builtinModules.includes(bare)) throw new Error(`${name} is not bundled`)
    return real(name)
  }
  return { ...timeAndChance(thread, random), require, module: {}, exports: {}, __filename, __dirname }
}
