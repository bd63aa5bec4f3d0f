import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { UserError } from '../options/user-error'
import { BrowserProbe } from './browser-probe'
import { isMeasured, runCompare, type Finished } from './compare-process'

/** Stands in for peer-perf. */
function replaceProgram(t: TestContext, path: string) {
  const [, program] = process.argv
  t.after(() => (process.argv[1] = program!))
  process.argv[1] = path
}

it('begins no comparison once it is to stop', async (t) => {
  replaceProgram(t, devNull)
  const signal = AbortSignal.abort(new UserError('Stopped by SIGINT'))
  await assert.rejects(runCompare('none', [], { signal, resume: 'again' }), /^UserError: Stopped by SIGINT$/)
})

it('asks browsers under one network, whatever peer-perf.json says', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'compare-process-'))
  t.after(() => rm(folder, { recursive: true }))
  const [program, told] = [join(folder, 'told.cjs'), join(folder, 'told.json')]
  await writeFile(
    program,
    `require('fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.argv.slice(2)))`
  )
  replaceProgram(t, program)
  const { signal } = new AbortController()
  const probe = new BrowserProbe({ id: 'none', metric: 'cpu', args: ['--peers', '4'], signal })
  await assert.rejects(probe.differ('a', 'b'), /^UserError: none-ends came to no verdict/)
  assert.deepEqual(JSON.parse(await readFile(told, 'utf8')), [
    ...['compare', '--id', 'none-ends', '--one-network', '--engine', 'browser'],
    ...['--baseline', 'a', '--candidate', 'b', '--gate', 'only,cpu', '--peers', '4']
  ])
})

const DOCUMENTS: [says: string, document: object, measured: boolean][] = [
  ['a usable run', { baseline: { name: 'a', provenance: {} }, gate: { verdict: 'undecided' } }, true],
  ['no usable run', { baseline: { name: 'a' }, gate: { verdict: 'undecided' } }, false],
  ['no usable run, but worse', { baseline: { name: 'a' }, gate: { verdict: 'worse' } }, true]
]
for (const [says, document, measured] of DOCUMENTS)
  it(`has ${measured ? 'an' : 'no'} answer: ${says}`, () => {
    assert.equal(isMeasured(document as Finished), measured)
  })
