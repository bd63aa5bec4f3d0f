/** Processes as listed in Linux's /proc: those that a test started, including the browser's. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelFiles } from '../../runner/machine/kernel-files'
import { cpuOf, processTree } from '../../runner/machine/process-tree'

const files = new KernelFiles()

/** Ids of the processes that inherited `NAME=value` in their environment. */
export function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readOrEmpty(`/proc/${pid}/environ`).split('\0').includes(variable))
    .map(Number)
}

/** The browser tab that has used the most CPU among the descendants of `root`. */
export function busiestRenderer(root: number): number {
  // A renderer draws the browser's own user interface as well.
  return busiest(root, (line) => line.includes('--type=renderer') && !line.includes('webui'))
}

/** The browser's main process among the descendants of `root`. */
export function browserProcess(root: number): number {
  return busiest(root, (line) => line.includes('--remote-debugging-pipe') && !line.includes('--type='))
}

function busiest(root: number, fits: (commandLine: string) => boolean): number {
  const fitting = processTree(root, files).filter((pid) => fits(readOrEmpty(`/proc/${pid}/cmdline`)))
  const [first] = fitting.sort((a, b) => cpuOf([b], files) - cpuOf([a], files))
  if (first === undefined) throw new Error('There is no such process')
  return first
}

/** Waits until `holds`, for at most `seconds`. Rejects with what it was waiting for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 60
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`)
    await sleep(100)
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
