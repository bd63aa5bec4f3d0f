/** One server a folder: two would write into the same journals. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'

/** A start that cannot go on; its message is all that a user needs. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Makes the folder where it is absent and locks it; returns the function that unlocks it. Throws StartError. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, '.lock')
  try {
    prepare(folder)
    while (!tryLock(path)) {
      const holder = holderOf(path)
      if (holder !== undefined)
        throw new StartError(
          `Another results server (process ${holder}) uses the folder ${folder}: end it, or set TEST_RESULTS_LOCATION to another folder`
        )
      rmSync(path, { force: true })
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    const why = (error as Error).message
    throw new StartError(
      `Can't write to the results folder ${folder} (${why}): set TEST_RESULTS_LOCATION to a folder of yours`
    )
  }
  return () => {
    rmSync(path, { force: true })
  }
}

function prepare(folder: string): void {
  makeFolder(folder)
  if (!statSync(folder).isDirectory()) throw new Error('it is not a folder')
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** With its parents, one by one: node's `recursive` tries for ever where making one says ENOENT, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

/** False where the file is there: of two servers that start at once, one makes it. */
function tryLock(path: string): boolean {
  // It names the process and that process's start: after a reboot another process may have the number.
  const content = `${process.pid} ${startOf(process.pid) ?? ''}\n`
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The living process that holds the lock. */
function holderOf(path: string): number | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const [pidText, started] = text.trim().split(' ')
  const pid = Number(pidText)
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined
  if (started !== undefined && startOf(pid) !== undefined && startOf(pid) !== started) return undefined
  return pid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process began, in the kernel's ticks since boot; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The process's name stands in parentheses and may hold spaces; field 22 is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
