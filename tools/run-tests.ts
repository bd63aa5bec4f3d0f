/** `npm test`: unit tests, then whole-system tests in real browsers. Ends with the line `N passed, N failed`. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { Command } from 'commander'
import { ensureRequirements } from './requirements'

const program = new Command('npm test --')
  .description('Runs the tests: those beside the code, then the whole-system tests of e2e/.')
  .argument('[path...]', 'only test files whose path contains one of these')
  .option('--unit', 'only the tests beside the code')
  .addHelpText(
    'after',
    '\nContainers have a suite of their own, which needs root and Docker: npm run test:containers'
  )
  .parse()

async function main(): Promise<void> {
  const files = testFiles('.').filter(isWanted)
  if (files.length === 0) program.error('No test file has such a path.')
  ensureRequirements()
  const { passed, failed } = await runTests(files.sort(wholeSystemLast))
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return /^(node_modules|build|bazel-.*|containers|aws|\..*)$/.test(entry.name) ? [] : testFiles(path)
    return /\.test\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function isWanted(path: string): boolean {
  const { unit } = program.opts<{ unit?: boolean }>()
  return (
    !(unit && isWholeSystem(path)) &&
    (program.args.length === 0 || program.args.some((part) => path.includes(part)))
  )
}

function wholeSystemLast(a: string, b: string): number {
  return Number(isWholeSystem(a)) - Number(isWholeSystem(b)) || a.localeCompare(b)
}

function isWholeSystem(path: string): boolean {
  return path.startsWith('e2e/')
}

/** One file after the other: tests that measure must not share the processor. */
async function runTests(files: string[]): Promise<{ passed: number; failed: number }> {
  process.env.NODE_OPTIONS = `--require ts-node/register ${process.env.NODE_OPTIONS ?? ''}`
  const counts = { pass: 0, fail: 0, cancelled: 0 }
  const tests = run({ files, concurrency: 1 })
  tests.on('test:diagnostic', ({ nesting, message }) => {
    const [, what, count] = /^(pass|fail|cancelled) (\d+)$/.exec(message) ?? []
    if (nesting === 0 && what !== undefined) counts[what as keyof typeof counts] = Number(count)
  })
  for await (const text of tests.compose(new spec())) process.stdout.write(String(text))
  return { passed: counts.pass, failed: counts.fail + counts.cancelled }
}

void main()
