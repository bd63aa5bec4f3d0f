/** Runs the command-line tools of engines. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { UserError } from '../../cli/user-error'

export interface ToolOptions {
  env?: NodeJS.ProcessEnv | undefined
  input?: string | Buffer
  /** ms; the tool is killed then. */
  timeout?: number
  /** Out of reach of Ctrl-C, and killed with its own children. */
  detached?: boolean
}

/** The exit code of what was killed, as by `docker kill` or the kernel for lack of memory. */
export const KILLED = 137

/** The code is null if it was killed. Throws UserError if the tool is not installed. */
export async function runTool(
  command: string,
  args: readonly string[],
  { env, input, timeout = 60_000, detached = false }: ToolOptions = {}
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, detached })
  const timer = setTimeout(() => (detached ? killGroup(child) : child.kill('SIGKILL')), timeout)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return {
      code,
      output: Buffer.concat(out).toString().trim(),
      errors: Buffer.concat(err).toString().trim()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new UserError(`The command ${command} is missing: install it, or choose another engine for --on`)
  } finally {
    clearTimeout(timer)
  }
}

/** Kills a detached child with its own children, which may outlive it and keep what it has open. */
export function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
}

/** Kills a detached child with its own at the end of this process. Returns what kills them before. */
export function endWithProcess(child: ChildProcess): () => void {
  const kill = () => killGroup(child)
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return kill
}

/** The output. Throws UserError with the tool's own last line if it fails. */
export async function askTool(
  command: string,
  args: readonly string[],
  options?: ToolOptions
): Promise<string> {
  const { code, output, errors } = await runTool(command, args, options)
  if (code === 0) return output
  const said = (errors || output).split('\n').at(-1) ?? ''
  throw new UserError(`${command} ${args.slice(0, 3).join(' ')}: ${said || 'no answer in time'}`)
}

export const lastLines = (text: string, count = 20): string =>
  text.trim().split('\n').slice(-count).join('\n')
