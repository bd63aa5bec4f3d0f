/**
 * Batches of test files, one process per batch: small files spend most of their time on starting node and
 * loading libraries.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compile, temporaryFolder, WORKERS } from '../compiled'
import longFiles from './long-files.json'

/** Seconds per file, as measured once: the same on every machine. */
const MEASURED: ReadonlyMap<string, number> = new Map(Object.entries(longFiles))

/** Seconds. A file that takes at least this long gets its own process. */
const LONG = 8
/** Seconds. Small folders share a process up to this sum. */
const SHARED = 6
/** Its tests mock the clock, which would disturb the network connections of others. */
const APART = 'client'
/** Assumed seconds for a file without a known time. */
const USUAL = 0.5

/** Files that share a browser and a server (e2e/support/dashboard.ts). */
const DASHBOARD = 'e2e/dashboard-'

/** One process per file, and one for the dashboard's. The longest first. */
export function singles(files: readonly string[], times = MEASURED): string[][] {
  const isShared = (file: string) => file.startsWith(DASHBOARD)
  const shared = files.filter(isShared)
  const others = files.filter((file) => !isShared(file)).map((file) => [file])
  return longestFirst([...(shared.length > 0 ? [shared] : []), ...others], times)
}

/** Batches of whole top-level folders, the longest first. Small folders share a batch. */
export function batches(files: readonly string[], times = MEASURED): string[][] {
  const folders = new Map<string, string[]>()
  for (const file of files) {
    const name = totalOf([file], times) >= LONG ? file : topFolder(file)
    folders.set(name, [...(folders.get(name) ?? []), file])
  }
  const all: string[][] = []
  for (const folder of longestFirst([...folders.values()], times)) {
    const canShare = (batch: string[]) =>
      topFolder(batch[0]!) !== APART && totalOf([...batch, ...folder], times) <= SHARED
    const shared = topFolder(folder[0]!) === APART ? undefined : all.find(canShare)
    if (shared) shared.push(...folder)
    else all.push(folder)
  }
  return longestFirst(all, times)
}

function longestFirst(all: string[][], times: ReadonlyMap<string, number>): string[][] {
  return all.sort((a, b) => totalOf(b, times) - totalOf(a, times))
}

function totalOf(batch: readonly string[], times: ReadonlyMap<string, number>): number {
  return batch.reduce((sum, file) => sum + (times.get(file) ?? USUAL), 0)
}

function topFolder(file: string): string {
  return file.split('/', 1)[0]!
}

/**
 * Compiles each batch and the reporter to programs for node, in a temporary folder. If a file cannot be
 * compiled, its batch is a program whose tests say so.
 */
export async function writeBatches(all: readonly string[][]) {
  const folder = temporaryFolder('tests')
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const entries = all.map((files, index) => write(`batch-${index}.ts`, programOf(files)))
  const shared = [join(__dirname, 'reporter.ts'), ...WORKERS]
  try {
    await compile([...entries, ...shared], folder)
  } catch {
    await compile(shared, folder)
    for (const [index, entry] of entries.entries())
      await compile([entry], folder).catch((error: unknown) => {
        write(`batch-${index}.js`, programOf(all[index]!, error as Error))
      })
  }
  // Each is loaded by another file: compiled modules must not take themselves for the program.
  const paths = entries.map((_, index) => write(`batch-${index}.cjs`, `require('./batch-${index}.js')\n`))
  const reporter = write('reporter.cjs', `module.exports = require('./reporter.js').default\n`)
  return { folder, reporter, paths }
}

/** Wraps each file's tests in a suite with the file's name, so that its hooks belong to that suite. */
function programOf(files: readonly string[], error?: Error): string {
  const seed = `require(${JSON.stringify(join(__dirname, 'seed.ts'))})`
  const suites = files.map((file) => {
    const body =
      error === undefined
        ? `require(${JSON.stringify(resolve(file))})`
        : `throw ${JSON.stringify(String(error))}`
    return `require('node:test').describe(${JSON.stringify(file)}, () => { ${body} })`
  })
  return (error === undefined ? [seed, ...suites] : suites).join('\n')
}
