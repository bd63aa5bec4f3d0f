/** Which version of the suite made a result: the figures of different versions may differ. */
import { spawnSync } from 'node:child_process'

/** A container or the package has no repository: it carries the commit in SUITE_COMMIT. */
export function suiteCommit(): string | undefined {
  const { SUITE_COMMIT } = process.env
  if (SUITE_COMMIT !== undefined && SUITE_COMMIT !== '') return SUITE_COMMIT.slice(0, 64)
  const git = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: __dirname, encoding: 'utf8' })
  return git.status === 0 ? git.stdout.trim() : undefined
}
