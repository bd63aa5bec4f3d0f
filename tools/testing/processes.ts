/** Processes as listed in Linux's /proc. Elsewhere, none is found. */
import { KernelFiles } from '../../runner/machine/kernel-files'

const files = new KernelFiles()

/** Ids of the processes that inherited `NAME=value` in their environment. */
export function processesWith(variable: string): number[] {
  return files
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => files.read(`/proc/${pid}/environ`)?.split('\0').includes(variable))
    .map(Number)
}

export function commandLineOf(pid: number): string {
  return (files.read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
}
