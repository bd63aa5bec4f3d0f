/** A real InfluxDB 1.x of one's own, for a test: on loopback, on a free port, in a folder that goes when it goes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Influxd {
  url: string
  close: () => Promise<void>
}

/** Rejects where influxd is not installed (apt-get install influxdb) or does not answer within 20 s. */
export async function startInfluxd(): Promise<Influxd> {
  const folder = await mkdtemp(join(tmpdir(), 'influxd-'))
  const [http, rpc] = [await freePort(), await freePort()]
  const config = join(folder, 'influxdb.conf')
  await writeFile(config, configOf(folder, http, rpc))
  const child = spawn('influxd', ['-config', config], { stdio: 'ignore' })
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')])
  const close = async () => {
    child.kill()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${http}`
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null || child.pid === undefined) break
    const answer = await fetch(`${url}/ping`).catch(() => undefined)
    if (answer?.ok) return { url, close }
    await sleep(100)
  }
  await close()
  throw new Error('influxd did not start: is it installed? apt-get install influxdb')
}

const configOf = (folder: string, http: number, rpc: number) => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[logging]
  level = "error"
`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
