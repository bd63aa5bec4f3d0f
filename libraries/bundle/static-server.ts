/** Serves the built page on loopback, for runners and tests. */
import express, { type Response } from 'express'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '../../cli/temporary-folder'
import type { ClientPage } from '../../protocol/page'

export interface ServedPage {
  /** Address of the page, to which parameters are added. */
  url: string
  close(): Promise<void>
}

export const REBUILDS_PATH = '/rebuilds'

export interface ServeOptions {
  host?: string
  port?: number
  /** Dispatches `change` on each rebuild; pages receive it as a server-sent event. */
  rebuilds?: EventTarget
}

/** Port 0, the default, picks a free one. Throws the system's error (EADDRINUSE …) if it cannot listen. */
export async function servePage(
  folder: string,
  { host = '127.0.0.1', port = 0, rebuilds }: ServeOptions = {}
): Promise<ServedPage> {
  const app = express()
  app.disable('x-powered-by')
  app.use((_request, response, next) => {
    response.set({
      // Cross-origin isolation makes performance.now() fine-grained: 5 µs instead of 100 µs.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store'
    })
    next()
  })
  if (rebuilds) app.get(REBUILDS_PATH, (_request, response) => tellOf(rebuilds, response))
  app.use(express.static(folder))

  const server = createServer(app)
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: urlOf(host, (server.address() as AddressInfo).port),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

export type Start = (serve: (port: number) => Promise<ServedPage>) => Promise<ServedPage>

/** Serves what `fill` writes into a temporary folder until closed. */
export async function serveTemporary(
  fill: (folder: string) => Promise<void>,
  start: Start = (serve) => serve(0)
): Promise<ServedPage & { folder: string }> {
  const folder = await temporaryFolder('client-page-')
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await fill(folder)
    const page = await start((port) => servePage(folder, { port }))
    return { ...page, folder, close: () => page.close().then(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

export function serveGivenPage({ index, bundle }: ClientPage): Promise<ServedPage> {
  return serveTemporary(async (folder) => {
    await writeFile(join(folder, 'index.html'), index)
    await writeFile(join(folder, 'bundle.js'), bundle)
  })
}

/** For a browser on this machine: of all addresses, only loopback's are a secure context over HTTP. */
export function urlOf(host: string, port: number): string {
  const isHere = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)
  return `http://${isHere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}/`
}

function tellOf(rebuilds: EventTarget, response: Response): void {
  const tell = () => response.write('event: change\ndata:\n\n')
  response.set('Content-Type', 'text/event-stream').flushHeaders()
  rebuilds.addEventListener('change', tell)
  response.on('close', () => rebuilds.removeEventListener('change', tell))
}
