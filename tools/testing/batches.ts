/**
 * Batches of test files, one process per batch: small files spend most of their time on starting node and
 * loading libraries.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe } from 'node:test'

const FOLDER = resolve(__dirname, '../../.cache/test-batches')
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

/**
 * Writes a program for each batch, for node's test runner. Returns their paths. Batches that run at the same
 * time need different names.
 */
export function writeBatches(name: string, all: readonly string[][]): string[] {
  const folder = join(FOLDER, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return all.map((files, index) => {
    const path = join(folder, `batch-${index}.test.cjs`)
    writeFileSync(
      path,
      `require(${JSON.stringify(resolve(__filename))}).loadTestFiles(${JSON.stringify(files)})\n`
    )
    return path
  })
}

/** Wraps each file's tests in a suite with the file's name, so that its hooks belong to that suite. */
export function loadTestFiles(files: readonly string[]): void {
  for (const file of files)
    describe(file, () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- within the suite, so not at the top
      require(resolve(file))
    })
}
