/** Runs one of the suite's commands in a separate process, as a user does. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'

const ROOT = join(__dirname, '../..')

const children = new Set<ChildProcess>()

/** However the tests end, also cancelled ones. */
after(() => {
  for (const child of children) child.kill('SIGKILL')
})

export interface Command {
  readonly output: string
  kill(signal: NodeJS.Signals): void
  /** The exit code, and everything that was printed. */
  ended: Promise<{ code: number | null; output: string }>
}

/** @param name of a subcommand, or of a tool's file */
export function startCommand(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const script = name.endsWith('.ts') ? ['--require', 'tsx/cjs', name] : ['commands/peer-perf.cjs', name]
  const child = spawn(process.execPath, [...script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env }
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  let output = ''
  const collect = (chunk: Buffer) => (output += chunk.toString())
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return {
    get output() {
      return output
    },
    kill: (signal) => child.kill(signal),
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  }
}

/** Where a server answers, as it prints it. */
export async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\/\/\S+?(?=,)/.exec(line)?.[0]
    if (address !== undefined) return address
  }
  throw new Error('The server ended without an address.')
}
