/** CPU and memory of a process and all its descendants, from Linux's /proc. */
import { KernelFiles, numberNamed } from './kernel-files'

/** /proc counts in ticks of 1/100 s on every Linux that Chromium runs on (USER_HZ). */
const MS_PER_TICK = 10

/** Ids of `root` and all its living descendants. */
export function processTree(root: number, files: KernelFiles): number[] {
  const children = new Map<number, number[]>()
  for (const name of files.list('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const parent = statOf(pid, files)?.parent
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/** CPU-ms used so far by the processes and by their children that have ended. */
export function cpuOf(pids: readonly number[], files: KernelFiles): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid, files)?.cpu ?? 0), 0)
}

/**
 * Bytes of memory that the processes use. Shared pages count only once in total (proportional set size). If
 * that cannot be read (a sandboxed renderer of another user), the resident size is used.
 */
export function memoryOf(pids: readonly number[], files: KernelFiles): number {
  const kilobytes = pids.map(
    (pid) =>
      numberNamed('Pss', files.read(`/proc/${pid}/smaps_rollup`)) ??
      numberNamed('VmRSS', files.read(`/proc/${pid}/status`)) ??
      0
  )
  return kilobytes.reduce((sum, each) => sum + each, 0) * 1024
}

/**
 * Fields of /proc/PID/stat (man 5 proc). The command is in brackets and may itself contain spaces and
 * brackets.
 */
function statOf(pid: number, files: KernelFiles): { parent: number; cpu: number } | undefined {
  const text = files.read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [, parent, , , , , , , , , , utime, stime, cutime, cstime] = fields
  return { parent: parent!, cpu: (utime! + stime! + cutime! + cstime!) * MS_PER_TICK }
}
