/** One process per campaign: it listens on a Unix socket until it ends, however it ends. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const held = new Set<string>()

/** Takes the campaign's lock until this process ends. Returns false if another process holds it. */
export async function lockCampaign(folder: string): Promise<boolean> {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 24)
  // A path in the folder could be longer than a socket's may be, and TMPDIR differs between processes.
  const path = join(isWritable('/tmp') ? '/tmp' : tmpdir(), `catalyst-campaign-${name}.sock`)
  if (held.has(path)) return true
  if (!(await listen(path))) {
    if (await isAlive(path)) return false
    // Its process was killed.
    rmSync(path, { force: true })
    if (!(await listen(path))) return false
  }
  held.add(path)
  process.once('exit', () => rmSync(path, { force: true }))
  return true
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function listen(path: string): Promise<boolean> {
  const server = createServer((socket) => socket.destroy())
    .listen(path)
    .unref()
  try {
    await once(server, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
}

async function isAlive(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
