/**
 * The test files of this repository. A file's name says what its tests need, and therefore how to run them.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export type Kind = 'unit' | 'server' | 'whole-system' | 'alone'

/**
 * Every test file of the repository, relative to its root. Containers and the AWS stack have separate suites.
 */
export function testFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return isLeftOut(path) ? [] : testFiles(root, path)
    return /\.test\.tsx?$/.test(path) ? [join(root, path)] : []
  })
}

function isLeftOut(folder: string): boolean {
  return /^(build|bazel-[^/]*|e2e\/containers|deploy\/aws|(.*\/)?(node_modules|\.[^/]*))$/.test(folder)
}

/**
 * What a test file is, by its suffix:
 * - `x.test.ts`: a unit test without a database or browser; many run at once.
 * - `x.db.test.ts`: needs InfluxDB, VictoriaMetrics or Prometheus.
 * - `x.e2e.test.ts`: in `e2e/`, the whole system in real browsers; a few run at once. Elsewhere, servers
 *   that are killed or stalled, and long rows of simulations.
 * - `x.alone.e2e.test.ts`: asserts on measurements or loads the machine, so it runs alone.
 */
export function kindOf(path: string): Kind {
  if (/\.alone\.e2e\.test\.tsx?$/.test(path)) return 'alone'
  if (!needsDatabase(path) && !/\.e2e\.test\.tsx?$/.test(path)) return 'unit'
  return path.startsWith('e2e/') ? 'whole-system' : 'server'
}

export function needsDatabase(path: string): boolean {
  return /\.db\.test\.tsx?$/.test(path)
}
