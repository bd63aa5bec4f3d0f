/**
 * How long each test file took in its last run. The slowest start first, so that no core waits for one at the
 * end. A fresh clone starts with previously measured times of the long files.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FILE = join(__dirname, '../../.cache/test-times.json')
const MEASURED_ONCE = join(__dirname, 'long-files.json')

/**
 * Seconds per file, as measured once: the same on every machine, unlike the last run's.
 */
export function measuredTimes(): Map<string, number> {
  return read(MEASURED_ONCE)
}

/** Seconds per file. */
export function rememberedTimes(file = FILE, measuredOnce = MEASURED_ONCE): Map<string, number> {
  return new Map([...read(measuredOnce), ...read(file)])
}

/** Empty if the file is missing or damaged; this only affects the order of the tests. */
function read(file: string): Map<string, number> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>))
  } catch {
    return new Map()
  }
}

/** Merges new times into the known ones. */
export function rememberTimes(seconds: Iterable<[string, number]>, file = FILE): void {
  const all = Object.fromEntries([...read(file), ...seconds])
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(all, null, 1))
}

/** Slowest first; files without a known time come last, as few of them are slow. */
export function slowestFirst(files: readonly string[], times: ReadonlyMap<string, number>): string[] {
  return [...files].sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0) || a.localeCompare(b))
}
