/** CPU and memory of a process and all its descendants, from Linux's /proc. */
import { KernelFiles, numberNamed } from './kernel-files'

/** /proc counts in ticks of 1/100 s on every Linux that Chromium runs on (USER_HZ). */
const MS_PER_TICK = 10

/**
 * Ids of `root` and all its living descendants, by the lists of children that the kernel keeps (man 5 proc,
 * CONFIG_PROC_CHILDREN): reading the parent of every process of the machine costs several ms of CPU. Empty
 * where there are no such lists.
 */
export function processTree(root: number, files: KernelFiles): number[] {
  if (files.read(`/proc/${root}/task/${root}/children`) === undefined) return []
  const tree = [root]
  for (const pid of tree) tree.push(...childrenOf(pid, files))
  return tree
}

/** A child belongs to the thread that created it. */
function childrenOf(pid: number, files: KernelFiles): number[] {
  return files
    .list(`/proc/${pid}/task`)
    .flatMap((thread) => files.read(`/proc/${pid}/task/${thread}/children`)?.match(/\d+/g) ?? [])
    .map(Number)
}

/** CPU-ms used so far by the processes and by their children that have ended. */
export function cpuOf(pids: readonly number[], files: KernelFiles): number {
  return sumOf(pids.map((pid) => cpuMsOf(pid, files)))
}

/**
 * Bytes of memory that the processes use. Shared pages count only once in total (proportional set size). If
 * that cannot be read (a sandboxed renderer of another user), the resident size is used. The kernel walks all
 * page tables for it and keeps the processes from changing them meanwhile: not while anything is measured.
 */
export function memoryOf(pids: readonly number[], files: KernelFiles): number {
  const proportional = (pid: number) => numberNamed('Pss', files.read(`/proc/${pid}/smaps_rollup`))
  return 1024 * sumOf(pids.map((pid) => proportional(pid) ?? residentOf(pid, files)))
}

/** Bytes of memory that the processes occupy; shared pages count once for each. Cheap to read. */
export function residentMemoryOf(pids: readonly number[], files: KernelFiles): number {
  return 1024 * sumOf(pids.map((pid) => residentOf(pid, files)))
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

function residentOf(pid: number, files: KernelFiles): number {
  return numberNamed('VmRSS', files.read(`/proc/${pid}/status`)) ?? 0
}

/** Fields of /proc/PID/stat (man 5 proc). The command, in brackets, may contain spaces and brackets. */
function cpuMsOf(pid: number, files: KernelFiles): number {
  const text = files.read(`/proc/${pid}/stat`)
  if (text === undefined) return 0
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [utime, stime, cutime, cstime] = fields.slice(11).map(Number)
  return (utime! + stime! + cutime! + cstime!) * MS_PER_TICK
}
