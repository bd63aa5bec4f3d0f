/** The machine's CPU and memory, limited to what this process may use. */
import { cpus, freemem, totalmem } from 'node:os'
import { KernelFiles, numberNamed } from './kernel-files'

/** CPU time since boot, in any unit: only the ratio of two differences is meaningful. */
export interface HostCpu {
  busy: number
  total: number
}

/**
 * By default over the cores that this process may run on; on systems other than Linux, over all. Time that
 * the hypervisor gave to others (steal) counts as busy, because the test cannot use it.
 */
export function hostCpu(
  files: KernelFiles,
  cores: readonly number[] | undefined = allowedCores(files)
): HostCpu {
  const sum = { busy: 0, total: 0 }
  const add = (busy: number, idle: number) => {
    sum.busy += busy
    sum.total += busy + idle
  }
  const text = files.read('/proc/stat')
  if (text === undefined)
    for (const { times } of cpus()) add(times.user + times.nice + times.sys + times.irq, times.idle)
  for (const [, cpu, rest] of text?.matchAll(/^cpu(\d+) (.*)/gm) ?? []) {
    if (cores && !cores.includes(Number(cpu))) continue
    const [user, nice, system, idle, iowait, irq, softirq, steal = 0] = rest!.split(' ').map(Number)
    add(user! + nice! + system! + irq! + softirq! + steal, idle! + iowait!)
  }
  return sum
}

/** The cores that this process may run on, as in `Cpus_allowed_list: 0-1,4`; undefined without Linux. */
export function allowedCores(files: KernelFiles): number[] | undefined {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(files.read('/proc/self/status') ?? '')?.[1]
  if (!list) return undefined
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number)
    return Array.from({ length: (last ?? first!) - first! + 1 }, (_, i) => first! + i)
  })
}

/** Bytes. */
export function hostMemory(files: KernelFiles): { used: number; limit: number } {
  const info = files.read('/proc/meminfo')
  const total = numberNamed('MemTotal', info)
  const available = numberNamed('MemAvailable', info)
  if (total === undefined || available === undefined)
    return { used: totalmem() - freemem(), limit: totalmem() }
  return { used: (total - available) * 1024, limit: total * 1024 }
}
