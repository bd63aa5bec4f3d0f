/** Results servers for tests: on free ports, in folders of their own, gone at the end. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { TestContext } from 'node:test'
import { startResultsServer, type ResultsServer, type ResultsServerOptions } from '../app'
import { bundledServer } from './bundle'
import { temporaryFolder } from './temporary-folder'
import { ResultsClient } from '../../protocol/api-client'

export interface Served extends ResultsServer {
  client: ResultsClient
  folder: string
}

/** A server in this process. */
export async function serve(t: TestContext, options: Partial<ResultsServerOptions> = {}): Promise<Served> {
  const folder = options.folder ?? temporaryFolder()
  const server = await startResultsServer({ port: 0, ...options, folder })
  t.after(() => server.close())
  return {
    ...server,
    folder,
    client: new ResultsClient({
      url: server.url,
      retries: 0,
      ...(options.controlToken !== undefined && { token: options.controlToken })
    })
  }
}

export interface ServerProcess {
  process: ChildProcess
  url: string
  /** Resolves to the exit code, or the signal's name. */
  ended: Promise<number | string>
  /** What it has written on standard error so far. */
  log: () => string
}

/** A server in a process of its own, that can be killed; resolves when it listens, or has ended. */
export async function spawnServer(
  t: TestContext,
  folder: string,
  variables: Record<string, string> = {}
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [bundledServer(), '--port', '0'], {
    env: { ...process.env, TEST_RESULTS_LOCATION: folder, ...variables },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => {
      resolve(code ?? signal!)
    })
  )
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const url = await new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /on (http:\S+),/.exec(output)
      if (found) resolve(found[1]!)
    })
    void ended.then(() => {
      resolve('')
    })
  })
  return { process: child, url, ended, log: () => log }
}
