/** The types of compiled.cjs. */
interface Compiled {
  compile: (entryPoints: readonly string[], folder: string) => Promise<string[]>
  compiled: (name: string, entryPoints: readonly string[]) => Promise<string>
  temporaryFolder: (name: string) => string
  WORKERS: readonly string[]
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- plain JavaScript: it compiles the rest
export const { compile, compiled, temporaryFolder, WORKERS } = require('./compiled.cjs') as Compiled
