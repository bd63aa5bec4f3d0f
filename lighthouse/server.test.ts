import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { before, describe, it } from 'node:test'
import { listenError } from '../cli/listen-error'
import { programOf } from '../tools/testing/program'
import { startLighthouse } from './app'

let program: string
before(async () => {
  program = await programOf('lighthouse/server.ts')
})

describe('the program', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`prints its address and that it does not authenticate; ${signal} stops it with exit code 0`, async () => {
      const { child, exited } = run(['--port', '0'])
      const [firstLines] = (await once(child.stdout, 'data')) as [Buffer]
      const [, url] = /at (http:\/\/localhost:\d+) \(no-auth/.exec(firstLines.toString()) ?? []
      assert.ok(url, firstLines.toString())
      assert.equal((await fetch(`${url}/status`)).status, 200)
      child.kill(signal)
      assert.deepEqual(await exited, { code: 0, stderr: '' })
    })
  }

  for (const origin of ['https://tests.example.org/', 'HTTPS://Tests.Example.org', '*'])
    it(`lets in the pages of ${origin}`, async () => {
      const { child, exited } = run(['--port', '0'], { ALLOWED_ORIGINS: origin })
      const [firstLines] = (await once(child.stdout, 'data')) as [Buffer]
      const [url] = /http:\/\/localhost:\d+/.exec(firstLines.toString())!
      const { status } = await fetch(url, { headers: { origin: 'https://tests.example.org' } })
      child.kill()
      await exited
      assert.equal(status, 200)
    })

  it('warns of nobody where only this machine reaches it', async () => {
    const { child } = run(['--port', '0', '--host', '127.0.0.2'])
    let printed = ''
    for await (const lines of child.stdout as AsyncIterable<Buffer>) {
      printed += lines.toString()
      if (printed.includes('Status: ')) child.kill()
    }
    assert.match(printed, /at http:\/\/127\.0\.0\.2:/)
    assert.doesNotMatch(printed, /Whoever/)
  })

  it('names the fix when its port is in use', async () => {
    const other = await startLighthouse({ port: 0 })
    const { exited } = run([], { PORT: String(other.port) })
    assert.deepEqual(await exited, {
      code: 1,
      stderr: `Port ${other.port} is in use: choose another, for example PORT=${other.port + 1}\n`
    })
    await other.close()
    const error = Object.assign(new Error(), { code: 'EADDRINUSE' })
    assert.match(listenError(error, 'localhost', 65_535, '').message, /for example PORT=65534$/)
  })

  const mistakes: [string, string[], Record<string, string>, RegExp][] = [
    ['a port that is not a number', [], { PORT: 'nine' }, /--port.*must be a whole number from 0 to 65535/],
    ['a port out of range', ['--port', '70000'], {}, /--port.*must be a whole number from 0 to 65535/],
    [
      'a foreign address',
      ['--port', '0'],
      { HOST: '203.0.113.1' },
      /^HOST=203\.0\.113\.1 is not an address of this machine: use 127\.0\.0\.1 .*\n$/
    ],
    [
      'an origin that no page has',
      ['--allowed-origins', 'https://a.example.org,b.example.org'],
      {},
      /--allowed-origins.*"b\.example\.org" is not an origin such as https:/
    ],
    ['an unknown log level', [], { LOG_LEVEL: 'loud' }, /LOG_LEVEL.*trace, debug/],
    ['an unknown option', ['--auth'], {}, /unknown option '--auth'/]
  ]
  for (const [what, args, env, message] of mistakes) {
    it(`refuses ${what} in one line`, async () => {
      const { code, stderr } = await run(args, env).exited
      assert.equal(code, 1)
      assert.match(stderr, message)
      assert.equal(stderr.trim().split('\n').length, 1)
    })
  }
})

/** Starts the program. `exited` resolves with its exit code and everything it wrote to stderr. */
function run(args: string[], env: Record<string, string> = {}) {
  const clean = { ...process.env, HOST: '', PORT: '', ALLOWED_ORIGINS: '', LOG_LEVEL: '' }
  const child = spawn(process.execPath, [program, ...args], { env: { ...clean, ...env } })
  const exited = Promise.all([once(child, 'exit'), text(child.stderr)]).then(([[code], stderr]) => ({
    code: code as number | null,
    stderr
  }))
  return { child, exited }
}
