import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** The arguments of a process that runs this command. */
const commandThat = (does: string, args: readonly string[] = []) => [
  ...['--require', 'tsx/cjs', '--eval'],
  `const { runSubcommand } = require(${JSON.stringify(join(__dirname, 'command'))})
   const { Command } = require('commander')
   const sleep = require('timers/promises').setTimeout
   const aborted = (signal) => sleep(60_000, undefined, { signal }).catch(() => undefined)
   const program = new Command().option('--json')
   runSubcommand({ program, run: async (signal) => { ${does} } })`,
  '--',
  ...args
]

describe('signals', () => {
  const STOPS = `console.log('begun')
    await aborted(signal)
    await sleep(1500)
    console.log('kept')
    return 3`
  const cases: { what: string; gap: number; code: number; kept: string }[] = [
    {
      what: 'two 50 ms apart are one: npm passes on what the group has got',
      gap: 50,
      code: 3,
      kept: 'kept\n'
    },
    { what: 'the second of two 1 s apart ends it at once', gap: 1000, code: 1, kept: '' }
  ]
  for (const { what, gap, code, kept } of cases) {
    it(what, async () => {
      const child = spawn(process.execPath, commandThat(STOPS))
      await once(child.stdout, 'data')
      const output = text(child.stdout)
      child.kill('SIGINT')
      await sleep(gap)
      child.kill('SIGINT')
      assert.deepEqual(await once(child, 'exit'), [code, null])
      assert.equal(await output, kept)
    })
  }
})

describe('output that cannot be written', () => {
  const WORKS = `for (let i = 0; i < 10; i++) { console.log('line', i); await sleep(20) }
    console.error('kept')
    return { exitCode: 0, document: 'd'.repeat(100_000) }`
  type Stdout = 'reader gone' | 'disk full'
  const cases: { stdout: Stdout; args: string[]; code: number; stderr: RegExp }[] = [
    { stdout: 'reader gone', args: [], code: 0, stderr: /^kept\n$/ },
    {
      stdout: 'disk full',
      args: [],
      code: 1,
      stderr: /^Can't write to standard output \(ENOSPC.*\)\nkept\n$/
    },
    {
      stdout: 'reader gone',
      args: ['--json'],
      code: 1,
      stderr: /^(line \d\n){10}kept\nCan't write .*EPIPE\)\n$/
    },
    {
      stdout: 'disk full',
      args: ['--json'],
      code: 1,
      stderr: /^(line \d\n){10}kept\nCan't write .*ENOSPC.*\)\n$/
    }
  ]
  for (const { stdout, args, code, stderr } of cases) {
    it(`${stdout}: ${args.length > 0 ? 'the document is missed' : 'the work goes on'}, with code ${code}`, async () => {
      const fd = openSync('/dev/full', 'w')
      const child = spawn(process.execPath, commandThat(WORKS, args), {
        stdio: ['ignore', stdout === 'disk full' ? fd : 'pipe', 'pipe']
      }) as ChildProcess & { stderr: NodeJS.ReadableStream }
      closeSync(fd)
      child.stdout?.destroy()
      const [said, [ended]] = await Promise.all([
        text(child.stderr),
        once(child, 'exit') as Promise<[number]>
      ])
      assert.match(said, stderr)
      assert.equal(ended, code)
    })
  }

  it('terminal closed: what it has is kept, and the exit code is its own', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'terminal-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const kept = join(folder, 'kept')
    const does = `console.log('begun')
      await aborted(signal)
      await sleep(100)
      console.log('to nobody')
      return 3`
    // The outer shell ends with the terminal, as a user's does; the inner one says how the command ended.
    const quoted = [process.execPath, ...commandThat(does)].map(
      (each) => `'${each.replaceAll("'", "'\\''")}'`
    )
    const terminal = spawn('script', [
      '-qec',
      `(trap '' HUP; ${quoted.join(' ')}; echo $? >${kept}); true`,
      '/dev/null'
    ])
    await once(terminal.stdout, 'data')
    terminal.kill('SIGKILL')
    const endsBy = performance.now() + 20_000
    const code = () => readFileSync(kept, { encoding: 'utf8', flag: 'a+' })
    while (code() === '' && performance.now() < endsBy) await sleep(50)
    assert.equal(code(), '3\n')
  })
})
