/** Runs Docker and similar command-line tools for the container tests. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export const REPOSITORY = resolve(__dirname, '../..')

export interface Outcome {
  code: number
  /** Standard output and standard error, interleaved as written. */
  output: string
  stdout: string
}

export interface RunOptions {
  env?: Record<string, string>
  input?: string
  /** Milliseconds after which the command is killed; three minutes by default. */
  timeout?: number
}

/** Runs a command in the repository. A failure is a normal outcome, not an exception. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      {
        cwd: REPOSITORY,
        env: { ...process.env, ...options.env },
        timeout: options.timeout ?? 180_000,
        maxBuffer: 64 * 2 ** 20
      },
      (error, stdout, stderr) =>
        done({
          code: error === null ? 0 : Number(error.code ?? 1),
          output: stdout + stderr,
          stdout: stdout.trim()
        })
    )
    // A program may exit without reading its input.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input ?? '')
  })
}

/** The standard output of a command. Rejects if the command fails. */
export async function succeed(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { code, output, stdout } = await run(command, args, options)
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${output}`)
  return stdout
}

export const docker = (...args: string[]) => succeed('docker', args)

/** Polls until there is a value. Rejects with an error that names `what` after `timeout` ms. */
export async function until<T>(
  what: string,
  timeout: number,
  look: () => Promise<T | undefined>
): Promise<T> {
  const deadline = Date.now() + timeout
  while (Date.now() < deadline) {
    const value = await look()
    if (value !== undefined) return value
    await delay(500)
  }
  throw new Error(`Not within ${timeout / 1000} s: ${what}`)
}
