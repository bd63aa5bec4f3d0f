import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { compiled, WORKERS } from './compiled'

const NAME = `test-${process.pid}`

describe('a compiled program', () => {
  const sources = mkdtempSync(join(tmpdir(), 'sources-'))
  symlinkSync(join(__dirname, '../node_modules'), join(sources, 'node_modules'))
  const folders = new Set<string>()
  after(() => {
    for (const folder of [sources, ...folders]) rmSync(folder, { recursive: true, force: true })
    for (const folder of folders) rmSync(join(folder, `../${NAME}.txt`), { force: true })
  })

  /** What the program prints that a source with this text becomes. */
  async function run(text: string): Promise<{ folder: string; printed: string }> {
    writeFileSync(join(sources, 'part.ts'), text)
    writeFileSync(join(sources, 'program.ts'), `import { value } from './part'\nconsole.log(String(value))`)
    const folder = await compiled(NAME, [join(sources, 'program.ts')])
    folders.add(folder)
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.js')], { encoding: 'utf8' })
    assert.equal(stderr, '')
    return { folder, printed: stdout.trim() }
  }

  const cases: [string, string, string][] = [
    ['knows the folder of its sources', 'export const value: string = __dirname', sources],
    [
      'has packages that require() loads',
      `import { Command } from 'commander'; export const value = typeof Command`,
      'function'
    ],
    [
      'has packages that are ES modules only',
      `import retry from 'p-retry'; export const value = typeof retry`,
      'function'
    ],
    [
      'has the threads of the server beside it',
      `declare const compiledFolder: string; export const value = require('node:fs').existsSync(compiledFolder + '/results-worker.js')`,
      'true'
    ]
  ]
  for (const [what, text, printed] of cases)
    it(what, async () => assert.equal((await run(text)).printed, printed))

  it('is compiled again when a source has changed, and only then', async () => {
    const one = await run('export const value = 1')
    const other = await run('export const value = 2')
    const again = await run('export const value = 2')
    assert.deepEqual([one.printed, other.printed, again.printed], ['1', '2', '2'])
    assert.notEqual(one.folder, other.folder)
    // Bazel's node_modules cannot be written, as those of somebody else's checkout: nothing is kept.
    assert.equal(again.folder === other.folder, basename(dirname(other.folder)) === 'peer-perf')
  })

  it('is kept for nobody if a source changed while it was compiled', async () => {
    await run('export const value = 3')
    const part = join(sources, 'part.ts')
    writeFileSync(part, 'export const value = 4')
    utimesSync(part, Date.now() / 1000 + 60, Date.now() / 1000 + 60)
    const entry = [join(sources, 'program.ts')]
    const made = [await compiled(NAME, entry), await compiled(NAME, entry)]
    for (const folder of made) folders.add(folder)
    assert.notEqual(made[0], made[1])
  })

  it('is compiled by several processes at once', async () => {
    writeFileSync(join(sources, 'part.ts'), 'export const value = 5')
    const made = await Promise.all([1, 2, 3].map(() => compiled(NAME, [join(sources, 'program.ts')])))
    for (const folder of made) folders.add(folder)
    const isKept = basename(dirname(made[0]!)) === 'peer-perf'
    assert.equal(new Set(made).size, isKept ? 1 : 3)
  })

  it('is compiled again where nothing in it can be read, as if it were of another user', async () => {
    const { folder } = await run('export const value = 6')
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    assert.equal((await run('export const value = 6')).printed, '6')
  })

  it('is compiled again where the list of its sources is damaged, as by a power cut', async () => {
    const { folder } = await run('export const value = 7')
    const list = join(folder, `../${NAME}.txt`)
    for (const text of ['', 'tools', 'tools/co']) {
      if (existsSync(list)) writeFileSync(list, text)
      assert.equal((await run('export const value = 7')).printed, '7')
    }
  })

  it('finds its files in the copy of a checkout', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'checkout-'))
    folders.add(checkout)
    const [first, second] = [join(checkout, 'first'), join(checkout, 'second')]
    for (const path of ['tools', 'node_modules', ...WORKERS.map(dirname)])
      mkdirSync(join(first, path), { recursive: true })
    for (const name of ['esbuild', '@esbuild'])
      symlinkSync(join(__dirname, '../node_modules', name), join(first, 'node_modules', name))
    for (const path of [...WORKERS, 'package-lock.json', 'tsconfig.json'])
      writeFileSync(join(first, path), path.endsWith('.json') ? '{}' : '')
    writeFileSync(join(first, 'program.ts'), 'console.log(__dirname)')
    copyFileSync(join(__dirname, 'compiled.cjs'), join(first, 'tools/compiled.cjs'))
    const start = `require('./tools/compiled.cjs').compiled('program', ['program.ts']).then((folder) => require(folder + '/program.js'))`
    const printedIn = (cwd: string) =>
      execFileSync(process.execPath, ['-e', start], { cwd, encoding: 'utf8' })
    assert.equal(printedIn(first).trim(), first)
    cpSync(first, second, { recursive: true, verbatimSymlinks: true })
    assert.equal(printedIn(second).trim(), second)
  })
})
