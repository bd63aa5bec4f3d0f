/** Processes that a test started, including the browser's, as listed in Linux's /proc. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelFiles } from '../../runner/machine/kernel-files'
import { cpuOf, processTree } from '../../runner/machine/process-tree'
import { commandLineOf } from '../../tools/testing/processes'

const files = new KernelFiles()

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
  const fitting = processTree(root, files).filter((pid) => fits(commandLineOf(pid)))
  const [first] = fitting.sort((a, b) => cpuOf([b], files) - cpuOf([a], files))
  if (first === undefined) throw new Error('There is no such process')
  return first
}

/** Waits until `holds`. Rejects with what it was waiting for if that hangs: no machine takes that long. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 300
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`)
    await sleep(100)
  }
}
