import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { addressOf } from './support/command'

const CHECKOUT = join(__dirname, '..')

for (const [how, cwd, command, ...args] of [
  ['of the checkout', CHECKOUT, 'npm', 'run', '--silent', 'server', '--'],
  ['far from the checkout', undefined, process.execPath, join(CHECKOUT, 'commands/peer-perf.cjs'), 'server']
] as const)
  it(`\`npx peer-perf server\` serves the dashboard ${how}, and leaves nothing there`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'server-dashboard-'))
    const elsewhere = await mkdtemp(join(folder, 'elsewhere-'))
    const server = spawn(command, [...args, '--port', '0', '--folder', join(folder, 'results')], {
      cwd: cwd ?? elsewhere,
      // npm does not forward signals to what it runs, so signal the whole process group.
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore']
    })
    t.after(async () => {
      process.kill(-server.pid!)
      await once(server, 'close')
      await rm(folder, { recursive: true, force: true })
    })
    const address = await addressOf(server.stdout)
    const page = await (await fetch(`${address}/`)).text()
    assert.match(page, /<script[^>]+dashboard\.js/)
    const script = await fetch(`${address}/dashboard.js`)
    assert.equal(script.status, 200)
    assert.deepEqual(await readdir(elsewhere), [])
  })
