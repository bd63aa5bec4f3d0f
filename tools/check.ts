/** `npm run check`: types, lint, format and Bazel files. Prints what each says and ends with 1 where one complains. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'

interface Check {
  name: string
  command: string[]
  /** The same, mending what can be mended. */
  fix?: string[]
}

const CHECKS: Check[] = [
  { name: 'types', command: ['tsc', '--noEmit', '--project', '.'] },
  { name: 'lint', command: ['eslint', '.'], fix: ['eslint', '--fix', '.'] },
  {
    name: 'format',
    command: ['prettier', '--check', '.', '--log-level=warn'],
    fix: ['prettier', '--write', '.']
  },
  {
    name: 'bazel files',
    command: ['buildifier', '-mode=check', '-lint=warn', ...bazelFiles()],
    fix: ['buildifier', '-lint=fix', ...bazelFiles()]
  }
]

async function main(): Promise<void> {
  const program = new Command('npm run check --')
    .description('Types, lint, format and Bazel files of the whole repository.')
    .option('--fix', 'mend what can be mended')
    .parse()
  const { fix } = program.opts<{ fix?: boolean }>()

  const failed: string[] = []
  for (const check of CHECKS) {
    const started = performance.now()
    const good = await succeeds(fix === true ? (check.fix ?? check.command) : check.command)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${good ? '✔' : '✖'} ${check.name} (${seconds} s)`)
    if (!good) failed.push(check.name)
  }
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(', ')}. \`npm run check -- --fix\` mends format and some lint.`)
    process.exitCode = 1
  }
}

function succeeds([command, ...args]: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    spawn(command!, args, { stdio: 'inherit' })
      .on('error', reject)
      .on('close', (code) => {
        resolve(code === 0)
      })
  })
}

function bazelFiles(folder = '.'): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return /^(node_modules|build|bazel-.*|\.\w+)$/.test(entry.name) ? [] : bazelFiles(path)
    return entry.isFile() && /^(WORKSPACE|.*\.(bazel|bzl))$/.test(entry.name) ? [path] : []
  })
}

void main()
