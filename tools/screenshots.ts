/**
 * `npm run screenshots`: takes the documentation's pictures from real runs on this machine, into docs/images.
 */
import { Command, Option } from 'commander'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkComparison, picturesOfComparison, runComparison } from './screenshots/comparison'
import { picturesOfOneTest } from './screenshots/one-test'

interface Options {
  out: string
  only?: 'test' | 'comparison'
  comparison?: string
}

/** The exit code of a void local test. */
const VOID = 3

async function main({ out, only, comparison }: Options): Promise<void> {
  if (comparison !== undefined) await checkComparison(comparison)
  const root = await mkdtemp(join(tmpdir(), 'screenshots-'))
  await mkdir(out, { recursive: true })
  try {
    const voids: string[] = []
    if (only !== 'comparison') voids.push(...(await picturesOfOneTest(root, out)))
    if (only !== 'test')
      voids.push(...(await picturesOfComparison(comparison ?? (await runComparison(root)), out)))
    if (voids.length === 0) return
    console.error(
      `Void, so keep none of these pictures but try again on a quiet machine: ${voids.join(', ')}`
    )
    process.exitCode = VOID
  } finally {
    await rm(root, { recursive: true })
  }
}

refuseSwallowedFlags(
  new Command('npm run screenshots --')
    .description(
      'Takes the pictures of the documentation from real runs on this machine: two minutes for those of one test, six for the comparison.\n' +
        'Exit code 0: good. 1: it failed. 3: a run is void, and its pictures should not be kept.'
    )
    .option('--out <folder>', 'folder for the pictures', join('docs', 'images'))
    .addOption(new Option('--only <what>', 'only these pictures').choices(['test', 'comparison']))
    .option(
      '--comparison <folder>',
      'picture this finished comparison (comparisons/ID of the results folder) instead of running one'
    )
    .action(main)
)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
