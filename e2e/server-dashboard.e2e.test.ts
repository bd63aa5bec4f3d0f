import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { it } from 'node:test'

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

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\/\/\S+?(?=,)/.exec(line)?.[0]
    if (address !== undefined) return address
  }
  throw new Error('The server ended without an address.')
}
