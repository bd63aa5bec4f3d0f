/**
 * Batches of test files, one process per batch: small files spend most of their time on starting node and
 * loading libraries.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe } from 'node:test'

/** Seconds. A file that takes at least this long gets its own process. */
const LONG = 8
/** Seconds. Small folders share a process up to this sum. */
const SHARED = 6
/** Its tests mock the clock, which would disturb the network connections of others. */
const APART = 'client'
/** Assumed seconds for a file without a known time. */
const USUAL = 0.5

/** Batches of whole top-level folders, the longest first. Small folders share a batch. */
export function batches(files: readonly string[], times: ReadonlyMap<string, number>): string[][] {
  const seconds = (file: string) => times.get(file) ?? USUAL
  const total = (batch: readonly string[]) => batch.reduce((sum, file) => sum + seconds(file), 0)
  const longestFirst = (all: string[][]) => all.sort((a, b) => total(b) - total(a))
  const folders = new Map<string, string[]>()
  for (const file of files) {
    const name = seconds(file) >= LONG ? file : topFolder(file)
    folders.set(name, [...(folders.get(name) ?? []), file])
  }
  const all: string[][] = []
  for (const folder of longestFirst([...folders.values()])) {
    const canShare = (batch: string[]) =>
      topFolder(batch[0]!) !== APART && total([...batch, ...folder]) <= SHARED
    const shared = topFolder(folder[0]!) === APART ? undefined : all.find(canShare)
    if (shared) shared.push(...folder)
    else all.push(folder)
  }
  return longestFirst(all)
}

function topFolder(file: string): string {
  return file.split('/', 1)[0]!
}

/** Programs for node, in a temporary folder. */
export interface Batches {
  folder: string
  reporter: string
  /** One for each batch. */
  paths: string[]
}

/** Writes a program for each batch, and the reporter: node can only import JavaScript by their paths. */
export function writeBatches(all: readonly string[][]): Batches {
  const folder = mkdtempSync(join(tmpdir(), 'test-batches-'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const here = (module: string) => `require(${JSON.stringify(join(__dirname, module))})`
  return {
    folder,
    reporter: write('reporter.cjs', `module.exports = ${here('reporter')}.default\n`),
    paths: all.map((files, index) =>
      write(`batch-${index}.cjs`, `${here('batches')}.loadTestFiles(${JSON.stringify(files)})\n`)
    )
  }
}

/** Wraps each file's tests in a suite with the file's name, so that its hooks belong to that suite. */
export function loadTestFiles(files: readonly string[]): void {
  for (const file of files)
    describe(file, () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- within the suite, so not at the top
      require(resolve(file))
    })
}
