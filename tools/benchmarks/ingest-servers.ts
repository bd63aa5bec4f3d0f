/** The servers that the ingest benchmark measures, each in a separate process. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ResultsClient } from '../../protocol/api-client'
import { KernelFiles } from '../../runner/machine/kernel-files'
import { cpuOf, residentMemoryOf } from '../../runner/machine/process-tree'
import { bundledServer } from '../../server/testing/bundle'
import { temporaryFolder } from '../../server/testing/temporary-folder'

export interface RunningServer {
  url: string
  process: ChildProcess
}

/** What to do at the end, last first, also after Ctrl-C. */
export const atEnd: (() => Promise<void>)[] = []
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void closeAll().then(() => process.exit(1)))

/** A results server with its own folder and a running test `bench`; by default, that of this checkout. */
export async function startServer(
  variables: Record<string, string> = {},
  checkout?: string
): Promise<RunningServer> {
  const started = await startProcess([bundledServer(checkout), '--port', '0'], {
    TEST_RESULTS_LOCATION: temporaryFolder(),
    LOG_LEVEL: 'warn',
    ...variables
  })
  await new ResultsClient({ url: started.url }).createTest('bench', { started: true })
  return started
}

/** A server that only parses and appends. */
export function startBare(kind: 'http' | 'express'): Promise<RunningServer> {
  const program = join(__dirname, 'ingest-floor.ts')
  const file = join(temporaryFolder(), 'points.log')
  return startProcess(['--require', require.resolve('tsx/cjs'), program, kind, file])
}

/** µs that it takes by the clock, and in CPU time of all the server's threads (NaN without /proc). */
export async function costOf<T>(
  { process: { pid } }: RunningServer,
  act: () => Promise<T>
): Promise<{ wall: number; cpu: number; value: T }> {
  const cpuTime = () => cpuOf([pid!], new KernelFiles()) * 1000 || NaN
  const [begun, cpuBefore] = [performance.now(), cpuTime()]
  const value = await act()
  return { wall: (performance.now() - begun) * 1000, cpu: cpuTime() - cpuBefore, value }
}

/** NaN without /proc. */
export function residentBytes({ process: { pid } }: RunningServer): number {
  return residentMemoryOf([pid!], new KernelFiles()) || NaN
}

export async function stop(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  if (server.exitCode === null && server.kill('SIGKILL')) await ended
}

export async function closeAll(): Promise<void> {
  for (const close of atEnd.splice(0).reverse()) await close()
}

async function startProcess(args: string[], variables: Record<string, string> = {}): Promise<RunningServer> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  atEnd.push(() => stop(child))
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/[\w.:]+/.exec(line) ?? []
    if (url !== undefined) return { url, process: child }
  }
  throw new Error(`${args.join(' ')} ended without an address`)
}
