/** Results servers for tests: on free ports, in their own folders, removed at the end. */
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

/** Starts a server in this process. It stops after the test. */
export async function serve(t: TestContext, options: Partial<ResultsServerOptions> = {}): Promise<Served> {
  const server = await startServer(options)
  t.after(() => server.close())
  return server
}

/** A server for several tests, whose caller stops it. */
export async function startServer(options: Partial<ResultsServerOptions> = {}): Promise<Served> {
  const folder = options.folder ?? temporaryFolder()
  const server = await startResultsServer({ port: 0, ...options, folder })
  return {
    ...server,
    folder,
    client: new ResultsClient({
      url: server.url,
      retries: 0,
      // On a busy machine, an answer may take longer than a client usually waits.
      timeoutMs: 300_000,
      ...(options.controlToken !== undefined && { token: options.controlToken })
    })
  }
}

export interface ServerProcess {
  process: ChildProcess
  url: string
  /** Resolves to the exit code or the name of the signal. */
  ended: Promise<number | string>
  /** Everything written to standard error so far. */
  log: () => string
}

/**
 * Starts a server in its own process, so that a test can kill it. Resolves once the server listens or has
 * exited.
 */
export async function spawnServer(
  t: TestContext,
  folder: string,
  variables: Record<string, string> = {},
  /** A command to run the server with, such as `prlimit`. */
  wrapper: string[] = []
): Promise<ServerProcess> {
  const [command = '', ...args] = [...wrapper, process.execPath, bundledServer(), '--port', '0']
  const child = spawn(command, args, {
    // The bundle is already compiled. The tests' transpiler would only slow it down.
    env: { ...process.env, NODE_OPTIONS: '', TEST_RESULTS_LOCATION: folder, ...variables },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal!))
  )
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /on (http:\S+),/.exec(output)
      if (found) resolve(found[1]!)
    })
    ended.then(() => resolve(''), reject)
  })
  return { process: child, url, ended, log: () => log }
}
