/**
 * A child process for the library under test, which is a stranger's code: no environment, no files, no other
 * processes, no workers, a limit of memory, and nobody waits for it for ever. node:vm, in which its pages
 * run, is not a boundary against attackers; Node's permission model is one, except for the network (Node 25
 * and later deny it too).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { placeIn } from './place'

/** MB of memory for one simulation: 100 peers need 600. */
export const MEMORY_MB = 4096

/** How often the parent looks, in ms. */
const LOOK_MS = 1000
/** Seconds in which virtual time must move. While a busy machine lets the process wait, they do not count. */
const PATIENCE = 7
const TICKS_PER_SECOND = 100
/** ms in which V8 must answer where it is. */
const ANSWER_MS = 1000

/**
 * Globals of Node that the suite's own programs use. They become parameters; nothing remains on the global
 * object for the library to find.
 */
const PARAMETERS =
  'process,Buffer,URL,URLSearchParams,TextEncoder,TextDecoder,AbortController,' +
  'setImmediate,setTimeout,clearTimeout,performance,console,atob,btoa'
/**
 * What ECMAScript itself defines stays. What the permission model lets through goes: signals, by which Node
 * opens its debugger in any process of the user (SIGUSR1), and V8's flags that write files.
 */
const LOADER = `
process.env.TZ = 'UTC'
const handle = new (require('node:child_process').ChildProcess)()._handle
for (const each of [process, Object.getPrototypeOf(handle), require('node:v8')])
  for (const name of Object.getOwnPropertyNames(each)) if (/kill$|^_debug|^set.*(Flags|Heap)/.test(name)) delete each[name]
process.once('message', (code) => {
  const load = require
  const { Script, createContext, runInContext } = load('node:vm')
  const values = '${PARAMETERS}'.split(',').map((name) => globalThis[name])
  const text = '(function (require, module, exports, ${PARAMETERS}) {' + code + '\\n})'
  const start = new Script(text, { filename: 'simulation.js' }).runInThisContext()
  const ecmaScript = new Set(runInContext('Object.getOwnPropertyNames(globalThis)', createContext()))
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!ecmaScript.has(name)) delete globalThis[name]
  const module = { exports: {} }
  start(load, module, module.exports, ...values)
})`

const isKnown = (flag: string) => process.allowedNodeEnvironmentFlags.has(flag)
const PERMISSION = isKnown('--permission') ? '--permission' : '--experimental-permission'
/** SQLite attaches any file, whatever is permitted. `--trace-sigint` tells where a busy process is. */
const FLAGS = [PERMISSION, '--no-warnings', '--trace-sigint', ...['--no-experimental-sqlite'].filter(isKnown)]

export interface Prisoner {
  process: ChildProcess
  kill: () => void
  send: (job: object) => void
  /** Whether it has a job. Call it again whenever virtual time has moved. */
  watch: (isBusy: boolean) => void
  /** Resolves with one line when the process has ended without a result, perhaps by the machine alone. */
  death: Promise<{ line: string; isOfMachine: boolean }>
}

/** Has Linux end a process with its parent, however that ends: a busy one does not hear of it. */
const BOUND = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', process.execPath]
let node: readonly string[] | undefined
const canBind = () => spawnSync(BOUND[0]!, [...BOUND.slice(1), '--version']).status === 0

/** They do not outlive this process. */
const prisoners = new Set<() => void>()
process.once('exit', () => prisoners.forEach((kill) => kill()))

/** Starts a process that runs `code`, a bundle of child.ts. `files`: names of the bundles under test. */
export function imprison(code: string, files: readonly string[], memoryMb = MEMORY_MB): Prisoner {
  const [command, ...args] = (node ??= canBind() ? BOUND : [process.execPath])
  args.push(...FLAGS, `--max-old-space-size=${memoryMb}`, '--eval', LOADER)
  const child = spawn(command!, args, {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced'
  })
  const hasStarted = child.pid !== undefined
  // Node then ends this whole process group: kill(0).
  const kill = () => hasStarted && child.kill('SIGKILL')
  prisoners.add(kill)
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 20_000) complaint += text
  })
  const send = (message: string | object) => void (hasStarted && child.send(message))
  send(code)
  let isBusy = false
  let stood = 0
  let cpu = 0
  let isHung = false
  let isGreedy = false
  const looking = setInterval(() => {
    const { memory, isWaiting, seconds } = stateOf(child.pid!)
    isGreedy ||= memory > memoryMb * 2 ** 20
    if (isGreedy) kill()
    stood += isWaiting ? Math.min(1, seconds - cpu) : 1
    cpu = seconds
    if (!isBusy || stood < PATIENCE || isHung) return
    isHung = true
    child.kill('SIGINT')
    setTimeout(kill, ANSWER_MS).unref()
  }, LOOK_MS)
  const death: Prisoner['death'] = new Promise((resolve) => {
    const end = (line: string, isOfMachine = false) => {
      clearInterval(looking)
      prisoners.delete(kill)
      resolve({ line, isOfMachine })
    }
    child.once('error', (error) => end(`A simulation could not start: ${error.message}`, true))
    child.once('close', (code, signal) => {
      const place = placeIn(complaint, files)
      const where = place === undefined ? '' : ` in ${place}`
      if (isHung) end(`Virtual time stood still for ${PATIENCE} s: the build is busy${where}`)
      else if (isGreedy || complaint.includes('heap out of memory'))
        end(`The simulation needs more than ${memoryMb} MB`)
      else {
        const how = signal ?? `code ${code}`
        const line = `A simulation ended without a result (${how}): ${reasonIn(complaint, signal)}`
        end(line, signal === 'SIGKILL')
      }
    })
  })
  const watch = (hasJob: boolean) => {
    isBusy = hasJob
    stood = 0
  }
  return { process: child, kill, send, watch, death }
}

/**
 * Bytes of memory (V8's own limit does not count array buffers), seconds of CPU so far, and whether it has
 * work and may be waiting for a core: where the system tells (Linux).
 */
function stateOf(pid: number): { memory: number; isWaiting: boolean; seconds: number } {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  try {
    const stat = read('stat')
    // The name, which may contain spaces, ends with the last parenthesis; state is the next field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      memory: 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(read('status'))?.[1] ?? 0),
      isWaiting: fields[0] === 'R',
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    }
  } catch {
    return { memory: 0, isWaiting: false, seconds: 0 }
  }
}

/** The line of an uncaught error's output that names it. */
function reasonIn(complaint: string, signal: string | null): string {
  const lines = complaint.trim().split('\n')
  // Whom the system kills for its memory says nothing.
  const silence = signal === 'SIGKILL' ? 'free memory, if the machine has none left' : 'it said nothing'
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0]!) || silence
}
