/** Runs one of the suite's commands as a user does, in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(__dirname, '../..')

export interface Command {
  readonly output: string
  kill(signal: NodeJS.Signals): void
  /** The exit code, and all that was written. */
  ended: Promise<{ code: number | null; output: string }>
}

export function startCommand(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const child = spawn(process.execPath, ['--require', 'ts-node/register', script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env }
  })
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
