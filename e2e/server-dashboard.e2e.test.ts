import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { addressOf } from './support/command'

it('`npx peer-perf server` builds the dashboard that it serves', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'server-dashboard-'))
  const server = spawn('npm', ['run', '--silent', 'server', '--', '--port', '0', '--folder', folder], {
    cwd: join(__dirname, '..'),
    // npm does not forward signals to what it runs, so signal the whole process group.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore']
  })
  try {
    const address = await addressOf(server.stdout)
    const page = await (await fetch(`${address}/`)).text()
    assert.match(page, /<script[^>]+dashboard\.js/)
    const script = await fetch(`${address}/dashboard.js`)
    assert.equal(script.status, 200)
  } finally {
    process.kill(-server.pid!)
    await rm(folder, { recursive: true, force: true })
  }
})
