/** Tunnels to the results server of a lab, by its engine's own tool. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../cli/user-error'
import { endWithProcess } from './tool'

const OPENS_WITHIN_MS = 30_000
const AGAIN_AFTER_MS = 1_000

/**
 * Forwards a free local port to the results server. The tool ends with the pod or task at the other end, and
 * after hours: it is started again, for the same port, until the tunnel is closed. Throws UserError, with the
 * advice and the tool's own words, if it does not open.
 */
export async function openTunnel(
  command: string,
  argsFor: (port: number) => string[] | Promise<string[]>,
  advice: string
): Promise<{ url: string; close(): Promise<void> }> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const closing = new AbortController()
  let complaint = ''
  const start = async () => {
    const args = await argsFor(port)
    closing.signal.throwIfAborted()
    // Out of reach of Ctrl-C: the test is finished, and its results are fetched, through it.
    const child = spawn(command, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-1_000)))
    return { child, kill: endWithProcess(child), closed: once(child, 'close') }
  }
  let tool = await start()
  const latest = performance.now() + OPENS_WITHIN_MS
  const isOpen = () =>
    fetch(`${url}/status`, { signal: AbortSignal.timeout(OPENS_WITHIN_MS) }).then(
      ({ ok }) => ok,
      () => false
    )
  while (!(await isOpen())) {
    if (tool.child.exitCode === null && performance.now() < latest) await sleep(250)
    else {
      tool.kill()
      throw new UserError(`No tunnel to the results server. ${advice}\n${complaint.trim()}`)
    }
  }
  const keepOpen = async () => {
    for (;;) {
      await tool.closed
      await sleep(AGAIN_AFTER_MS, undefined, { signal: closing.signal })
      tool = await start().catch(() => tool)
    }
  }
  keepOpen().catch(() => undefined)
  const close = async () => {
    closing.abort()
    tool.kill()
    await tool.closed
  }
  return { url, close }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
