/** Processes as listed in Linux's /proc. Elsewhere, none is found. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the processes that inherited `NAME=value` in their environment. */
export function processesWith(variable: string): number[] {
  return listOrEmpty('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readOrEmpty(`/proc/${pid}/environ`).split('\0').includes(variable))
    .map(Number)
}

/** Ids of the process's children, theirs, and so on. */
export function descendantsOf(root: number): number[] {
  const children = listOrEmpty('/proc')
    .filter((pid) => /.*\) \S (\d+)/.exec(readOrEmpty(`/proc/${pid}/stat`))?.[1] === String(root))
    .map(Number)
  return children.flatMap((pid) => [pid, ...descendantsOf(pid)])
}

export function commandLineOf(pid: number): string {
  return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function listOrEmpty(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
