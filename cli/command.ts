/** How a command starts and ends: one line for an error, the exit code, and an orderly stop on signals. */
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Command } from 'commander'
import { ApiError, UnreachableError } from '../protocol/api-client'
import { flagsOf } from './npm-dashes'
import { UserError } from './user-error'

export interface Subcommand {
  program: Command
  run: (signal: AbortSignal) => Promise<Outcome>
  /** It runs until a signal, which needs no words. */
  isService?: boolean
}

/** The exit code, and what `--json`, which adds the code, and `--format` print. */
export type Outcome = number | { exitCode: number; document: object; inFormat?: (format: string) => string }

export const JSON_FLAG = [
  '--json',
  'print the result as one JSON document on standard output, and everything else on standard error'
] as const

export function runSubcommand({ program, run, isService = false }: Subcommand): void {
  runCommand(async (signal) => {
    unsetEmptyVariables(program)
    const flags = flagsOf<{ json?: boolean; format?: string }>(program)
    const format = flags.json ? 'json' : (flags.format ?? 'text')
    if (format !== 'text') keepStandardOutputClean()
    const outcome = await run(signal)
    if (typeof outcome === 'number') return outcome
    const { exitCode, document, inFormat } = outcome
    if (format === 'json') process.stdout.write(`${JSON.stringify({ exitCode, ...document })}\n`)
    else if (format !== 'text') process.stdout.write(inFormat!(format))
    return exitCode
  }, isService)
}

/** Compose files and shells easily set a variable to an empty text, which means the default. */
function unsetEmptyVariables({ options }: Command): void {
  for (const { envVar = '' } of options)
    if (process.env[envVar] === '') Reflect.deleteProperty(process.env, envVar)
}

let isOutputKept = false

/** Where a child's standard output goes: never into a document. */
export const outputOfChild = () => (isOutputKept ? process.stderr : 'inherit')

function keepStandardOutputClean(): void {
  isOutputKept = true
  console.log = console.error
  process.stdout.isTTY = false
}

/** npm and timeout(1) pass on a signal that the whole process group has already got: it is the same. */
const SAME_SIGNAL_MS = 500

/**
 * Exits with the code that `main` returns, or 1 if it throws. The first SIGINT, SIGTERM or SIGHUP aborts the
 * signal; a second one ends the process immediately.
 */
export function runCommand(main: (signal: AbortSignal) => Promise<number>, isQuiet = false): void {
  outliveReaders()
  outliveTerminal()
  const controller = new AbortController()
  let mayQuit = false
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (mayQuit) process.exit(1)
      if (controller.signal.aborted) return
      if (!isQuiet) console.error(`${name}: stopping. Press Ctrl-C again to quit now`)
      // Signals that came while the event loop was busy are heard before the immediate.
      setTimeout(() => setImmediate(() => (mayQuit = true)), SAME_SIGNAL_MS).unref()
      controller.abort(new UserError(`Stopped by ${name}`))
    })
  }
  // The command that started this one has ended.
  const stop = () => process.kill(process.pid, 'SIGINT')
  process.once('disconnect', stop)
  process.channel?.unref()
  // It may have done so while this one was compiled.
  if (process.send && !process.connected) stop()
  const end = (exitCode: number) => endWith(exitCode, controller.signal)
  main(controller.signal).then(end, (error: unknown) => {
    fail(error)
    end(1)
  })
}

/**
 * A reader may leave, as `head` does: the work goes on, and keeps its results. Only a document needs its
 * reader, and nothing excuses a full disk.
 */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  process.stdout.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
    if (!isOutputKept && ['EPIPE', 'EIO'].includes(code)) return
    console.error(`Can't write to standard output (${message})`)
    process.once('exit', () => (process.exitCode = 1))
  })
}

/** Node aborts if it cannot reset a terminal at its end, as when the terminal has closed. */
function outliveTerminal(): void {
  const terminals = [0, 1, 2].filter(isatty)
  process.once('exit', () => terminals.filter((each) => !isatty(each)).forEach(closeSync))
}

function endWith(exitCode: number, signal: AbortSignal): void {
  process.exitCode = exitCode
  // A lingering socket must not keep the process alive: everything that matters is closed by now. But a pipe
  // holds 64 kB, and its reader may take its time, as less(1) does, until a signal ends it.
  process.stdout.write('', () => setTimeout(() => process.exit(exitCode), 2_000).unref())
  signal.addEventListener('abort', () => process.exit(1))
}

/** An error that the user can fix needs no stack trace; anything else is a bug, and the trace shows where. */
export function fail(error: unknown): void {
  const isMendable = [UserError, ApiError, UnreachableError].some((kind) => error instanceof kind)
  console.error(isMendable ? (error as Error).message : error)
  process.exitCode = 1
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
