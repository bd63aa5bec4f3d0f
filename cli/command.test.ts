import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { programOf } from '../tools/testing/program'

let compiled: string
before(async () => {
  compiled = await programOf('cli/testing/command-and-bundler.ts')
})

/** The arguments of a process that runs this command. */
const commandThat = (does: string, args: readonly string[] = []) => [
  '--eval',
  `const { runSubcommand, build, temporaryFolder } = require(${JSON.stringify(compiled)})
   const { Command, Option } = require('commander')
   const sleep = require('timers/promises').setTimeout
   const aborted = (signal) => sleep(60_000, undefined, { signal }).catch(() => undefined)
   const host = new Option('--host <host>').env('PEER_PERF_HOST').default('loopback')
   const program = new Command().option('--json').addOption(host)
   runSubcommand({ program, run: async (signal) => { ${does} } })`,
  '--',
  ...args
]

for (const [value, host] of [
  ['', 'loopback'],
  ['here', 'here']
] as const)
  it(`a variable that is "${value}" leaves or sets its flag`, async () => {
    const child = spawn(process.execPath, commandThat('console.log(program.opts().host); return 0'), {
      env: { ...process.env, PEER_PERF_HOST: value }
    })
    assert.equal(await text(child.stdout), `${host}\n`)
  })

describe('signals', () => {
  /** Goes on for some time after the first signal. */
  const begun = async (t: TestContext, goesOnFor: number) => {
    const child = spawn(
      process.execPath,
      commandThat(`console.log(await temporaryFolder('command-'))
        await aborted(signal)
        await sleep(${goesOnFor})
        console.log('kept')
        return 3`),
      { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] }
    )
    t.after(() => child.kill('SIGKILL'))
    const stdout = child.stdout!
    const [folder] = (await once(stdout, 'data')) as [Buffer]
    return { child, output: text(stdout), end: once(child, 'exit'), folder: folder.toString().trim() }
  }

  it('two at once are one: npm passes on what the group has got', async (t) => {
    const { child, output, end } = await begun(t, 1000)
    // Two of a kind might be delivered as one.
    child.kill('SIGINT')
    child.kill('SIGTERM')
    assert.deepEqual(await end, [3, null])
    assert.equal(await output, 'kept\n')
  })

  it('reach the bundler, too, and end it without a stack trace', async (t) => {
    const does = `const setup = ({ onStart }) => onStart(() => { console.log('begun'); return aborted(signal) })
      await build({ stdin: { contents: '' }, write: false, logLevel: 'silent', plugins: [{ name: 'waits', setup }] })
      return 0`
    const child = spawn(process.execPath, commandThat(does), { detached: true })
    t.after(() => child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    process.kill(-child.pid!, 'SIGINT')
    const ended = once(child, 'exit')
    assert.equal(
      await text(child.stderr),
      'SIGINT: stopping. Press Ctrl-C again to quit now\nThe bundler was stopped\n'
    )
    assert.deepEqual(await ended, [1, null])
  })

  it('a later one ends it at once', async (t) => {
    const { child, output, end, folder } = await begun(t, 300_000)
    const again = setInterval(() => child.kill('SIGINT'), 700)
    t.after(() => clearInterval(again))
    assert.ok(existsSync(folder))
    assert.deepEqual(await end, [1, null])
    assert.equal(await output, '')
    assert.ok(!existsSync(folder), 'it leaves temporary files')
  })

  it('the end of the command that started it is one', async (t) => {
    const { child, output, end } = await begun(t, 0)
    child.disconnect()
    assert.deepEqual(await end, [3, null])
    assert.equal(await output, 'kept\n')
  })

  it('the end of the command that started it is one before it is compiled, too', async (t) => {
    const [flag, code] = commandThat('await aborted(signal); return 3') as [string, string]
    const child = spawn(process.execPath, [flag, `process.once('disconnect', () => { ${code} })`], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc']
    })
    t.after(() => child.kill('SIGKILL'))
    child.disconnect()
    assert.deepEqual(await once(child, 'exit'), [3, null])
  })
})

it('temporary files that cannot be removed change nothing of its end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'command-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const does = `await temporaryFolder('command-')
    require('fs').rmSync = () => { throw new Error('ENOTEMPTY') }
    return 3`
  const child = spawn(process.execPath, commandThat(does), { env: { ...process.env, TMPDIR: folder } })
  const [said, ended] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.deepEqual([said, ended], ['', [3, null]])
})

describe('output that cannot be written', () => {
  const WORKS = `for (let i = 0; i < 10; i++) { console.log('line', i); await sleep(20) }
    console.error('kept')
    return { exitCode: 0, document: { d: 'd'.repeat(100_000) } }`
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

  it('reader slow: it gets the whole document', async () => {
    // The end does not wait: it comes before anybody can have read so much.
    const does = `const { setTimeout } = globalThis
      globalThis.setTimeout = (ends) => setTimeout(ends, 0)
      return { exitCode: 0, document: { d: 'd'.repeat(1e7) } }`
    const child = spawn(process.execPath, commandThat(does, ['--json']), {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    assert.equal((await text(child.stdout)).length, 1e7 + '{"exitCode":0,"d":""}\n'.length)
  })

  it('reader asleep: one signal ends it', async (t) => {
    const does = `setTimeout(() => console.error('written'))
      return { exitCode: 0, document: { d: 'd'.repeat(1e7) } }`
    const child = spawn(process.execPath, commandThat(does, ['--json']))
    t.after(() => child.kill('SIGKILL'))
    await once(child.stderr, 'data')
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [1, null])
  })

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
    // A shell may say first that it lacks the user's locale.
    for await (const said of terminal.stdout) if (String(said).includes('begun')) break
    terminal.kill('SIGKILL')
    const endsBy = performance.now() + 20_000
    const code = () => readFileSync(kept, { encoding: 'utf8', flag: 'a+' })
    while (code() === '' && performance.now() < endsBy) await sleep(50)
    assert.equal(code(), '3\n')
  })
})
