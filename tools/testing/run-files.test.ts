import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { Progress } from './progress'
import { commandLineOf, processesWith } from './processes'
import { runFiles } from './run-files'

const MARK = randomUUID()

/** Test files with one fault each, and what the run must say of it. */
const PLANTED: { name: string; text: string; passed: number; failures: RegExp[] }[] = [
  {
    name: 'a test that never ends and leaves a server and a process',
    text: `it('is fine', () => {})
      describe('suite', () => it('never ends', async () => {
        require('node:net').createServer().listen(0, '127.0.0.1')
        require('node:child_process').spawn('sleep', ['1000'], { detached: true, env: { ...process.env, PLANTED: '${MARK}' } })
        await new Promise(() => {})
      }))`,
    passed: 1,
    failures: [
      / › suite › never ends: hangs: .*without news.*child process \d+: sleep 1000.*listens on 127\.0\.0\.1:\d+/s
    ]
  },
  {
    name: 'a server left by a test that ended',
    text: `it('leaves a server', () => void require('node:net').createServer().listen(0, '127.0.0.1'))`,
    passed: 1,
    failures: [/: hangs: no test runs.*listens on 127\.0\.0\.1:\d+/s]
  },
  {
    name: 'a test that blocks its event loop',
    text: `it('blocks', async () => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      })`,
    passed: 0,
    failures: [/ › blocks: hangs: .*code that blocks its event loop/s]
  },
  {
    name: 'a file that blocks while it is loaded',
    text: `describe('file', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`,
    passed: 0,
    failures: [/: hangs: no test runs.*code that blocks its event loop/s]
  },
  {
    name: 'tests cancelled by a time limit on their suite',
    text: `describe('suite', { timeout: 50 }, () => {
        it('takes long', () => new Promise((resolve) => setTimeout(resolve, 200)))
        it('never begins', () => {})
      })`,
    passed: 0,
    failures: [
      / › takes long: test did not finish/,
      / › never begins: test did not finish/,
      / › suite: test timed out/
    ]
  },
  {
    name: 'a test whose promise nothing will settle',
    text: `it('waits for nothing', () => new Promise(() => {}))`,
    passed: 0,
    // Node 24 and later do not notice.
    failures: [/ › waits for nothing: (Promise resolution is still pending|hangs: )/]
  },
  {
    name: 'a hook that fails',
    text: `after(() => { throw new Error('no') }); it('is fine', () => {})`,
    passed: 1,
    failures: [/: no$/]
  },
  {
    name: 'an error after its test',
    text: `it('is fine', () => void setTimeout(() => { throw new Error('too late') }, 300))`,
    passed: 1,
    failures: [/"is fine".* after the test ended.*"Error: too late"/]
  },
  {
    name: 'an exit',
    text: `it('leaves', () => process.exit(0))`,
    passed: 0,
    failures: [/: its process ended before its tests did/]
  },
  { name: 'a file without tests', text: ``, passed: 0, failures: [/: its process ended without a test/] },
  { name: 'a file that cannot be loaded', text: `require('./nowhere')`, passed: 0, failures: [/nowhere/] }
]

describe('a run', { concurrency: true }, () => {
  const folder = temporaryFolder()

  for (const { name, text, passed, failures } of PLANTED)
    it(`names ${name}, and ends`, async () => {
      const file = join(folder, `${name.replaceAll(/\W/g, '-')}.test.cjs`)
      writeFileSync(file, `const { after, describe, it } = require('node:test')\n${text}\n`)
      const printed = new PassThrough({ encoding: 'utf8' })
      const progress = new Progress(1, printed as unknown as NodeJS.WriteStream)
      const hangs = failures[0]!.source.includes('hangs')
      const loading = name.includes('loaded') ? 10_000 : undefined
      const [ran] = await runFiles([[file]], 1, progress, hangs ? 3_000 : 120_000, loading)
      progress.close()
      assert.doesNotMatch(String(printed.read()), /failing tests/, 'each is printed where it fails, once')
      const told = ran!.failures.map(({ test, reason }) => `${test}: ${reason}`)
      assert.equal(told.length, failures.length, told.join('\n'))
      for (const [index, failure] of failures.entries()) assert.match(told[index]!, failure)
      for (const each of told) assert.ok(each.startsWith(file), each)
      assert.equal(ran!.passed, passed)
      if (text.includes('sleep')) assert.deepEqual(processesWith(`PLANTED=${MARK}`).map(commandLineOf), [])
    })
})
