/**
 * Runs a page's bundle in a realm of its own (node:vm), which has nothing but ECMAScript's globals until
 * browser/globals.ts adds those of a browser. The bundle is the one that real browsers get, except for its
 * entry. It is compiled into a function whose parameters are the globals that exist, because reading one from
 * a vm context takes 14 times as long.
 */
import { createContext, Script, type Context } from 'node:vm'
import type { Host } from '../browser/host'

/** Compiled bundles by name and text: the pages of a test, and the tests of a process, share them. */
const compiled = new Map<string, Script>()

export type Bundle = (...globals: unknown[]) => unknown

/** Runs to a Bundle with globals of these names. Line numbers in errors are those of the bundle. */
export function compileBundle(code: string, names: readonly string[], filename: string): Script {
  const text = `(function (${names.join(', ')}) {\n${code}\n})`
  const key = `${filename}\n${text}`
  const script = compiled.get(key) ?? new Script(text, { filename, lineOffset: -1 })
  compiled.set(key, script)
  return script
}

/** Names that cannot be parameters. */
const NO_PARAMETERS = new Set(['undefined', 'eval'])

export class Realm {
  private readonly context: Context = createContext(Object.create(null) as object)
  private globals: readonly string[] = []

  /** `browser` is the bundled program. */
  constructor(browser: string, host: Host) {
    const { openBrowser } = this.run(browser, 'browser.js') as { openBrowser: (host: Host) => string[] }
    this.globals = openBrowser(host).filter((name) => !NO_PARAMETERS.has(name))
  }

  /**
   * Returns what the bundle exports; it must end in `return exported`. Each realm gets a function of its own,
   * so that no two pages share a variable.
   */
  run(code: string, filename: string): unknown {
    const { context, globals } = this
    const values = new Script(`[${globals.join(', ')}]`).runInContext(context) as unknown[]
    return (compileBundle(code, globals, filename).runInContext(context) as Bundle)(...values)
  }
}
