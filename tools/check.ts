/** `npm run check`: types, lint, format, boundaries, spelling and Bazel files. Exits with 1 if one fails. */
import { exec } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { fail } from '../cli/command'
import { flagsOf } from '../cli/npm-dashes'

interface Check {
  name: string
  /** For the shell. */
  command: string
  /** Also fixes what it can. */
  fix?: string
}

/** Each check caches its findings for unchanged files here. */
const CACHE = join('.cache', 'check')
const LINT_CACHE = `--cache --cache-strategy=content --cache-location=${CACHE}/eslint/`
/** The cache does not see that a type which a file imports has changed: the gate lints all files anew. */
const ESLINT = process.env.CI ? 'eslint .' : `eslint . ${LINT_CACHE}`
/** Three times as fast as version 5.9, which typescript-eslint and ts-node need. */
const TSC = 'node_modules/typescript-7/bin/tsc'
const PRETTIER = `prettier . --log-level=warn --cache --cache-location=${CACHE}/prettier`
const BAZEL_FILES =
  "$(find . -mindepth 1 \\( -name node_modules -o -name 'bazel-*' -o -name '.*' \\) -prune -o " +
  "-type f \\( -name WORKSPACE -o -name '*.bazel' -o -name '*.bzl' \\) -print)"

/** Slowest first; as many run at the same time as there are cores. */
const CHECKS: Check[] = [
  { name: 'lint', command: ESLINT, fix: `${ESLINT} --fix` },
  {
    name: 'types',
    command: `node ${TSC} --noEmit --project . --incremental --tsBuildInfoFile ${CACHE}/tsc.json`
  },
  { name: 'format', command: `${PRETTIER} --check`, fix: `${PRETTIER} --write` },
  { name: 'boundaries', command: 'depcruise . --output-type=err-long --progress=none' },
  {
    name: 'spelling',
    command: `cspell --no-progress --cache --cache-location=${CACHE}/cspell --gitignore --dot '**'`
  },
  {
    name: 'Bazel files',
    command: `buildifier -mode=check -lint=warn ${BAZEL_FILES}`,
    fix: `buildifier -lint=fix ${BAZEL_FILES}`
  }
]

async function main(): Promise<void> {
  const { fix } = flagsOf<{ fix?: boolean }>(
    new Command('npm run check --')
      .description(
        'Types, lint, format, boundaries between folders, spelling and Bazel files of the whole repository.'
      )
      .option('--fix', 'fix what can be fixed')
  )

  const failed: string[] = []
  const waiting = [...CHECKS]
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const started = performance.now()
      const { good, output } = await run(fix === true ? (check.fix ?? check.command) : check.command)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      if (!good) {
        process.stdout.write(output)
        failed.push(check.name)
      }
      console.log(`${good ? '✔' : '✖'} ${check.name} (${seconds} s)`)
    }
  }
  // One at a time: fixers write to the same files.
  const workers = fix === true ? 1 : availableParallelism()
  await Promise.all(Array.from({ length: workers }, work))
  if (failed.length === 0) return
  console.error(`Failed: ${failed.join(', ')}. \`npm run check -- --fix\` fixes format and some lint.`)
  if (failed.includes('spelling'))
    console.error('A right word that the spelling check does not know: add it to tools/words.txt')
  process.exitCode = 1
}

function run(command: string): Promise<{ good: boolean; output: string }> {
  return new Promise((resolve) => {
    const { stdin } = exec(command, { maxBuffer: Infinity }, (error, stdout, stderr) =>
      resolve({ good: error === null, output: stdout + stderr })
    )
    // No check may wait for input.
    stdin!.end()
  })
}

main().catch(fail)
