/**
 * Gives a browser its own cores. Its threads wake each other for every packet: on a single core that costs a
 * tenth of what it costs across two, so the same peers take about a quarter less CPU. The drawback is that
 * they cannot have more than one core.
 */
import { spawnSync } from 'node:child_process'
import { allowedCores } from './machine/host'
import { KernelFiles } from './machine/kernel-files'
import { groupBy } from '../protocol/group-by'
import { UserError } from '../cli/user-error'

/** With puppeteer's names. */
type Invocation = { executablePath: string; args: string[] }

/** Throws UserError if a browser cannot be restricted to `core`. */
export function checkCore(core: number): void {
  const cores = allowedCores(new KernelFiles())
  if (!cores) throw new UserError('BROWSER_CORE needs Linux: unset it, and the browser uses all cores')
  if (!cores.includes(core))
    throw new UserError(
      `BROWSER_CORE is ${core}, which this runner may not use: choose one of ${cores.join(', ')}, or unset it`
    )
  if (!hasTools())
    throw new UserError('BROWSER_CORE needs the commands taskset and chrt: install util-linux, or unset it')
}

/**
 * Two or more sets of cores, equally many, for browsers that run at the same time; null if cores cannot be
 * separated. Threads of one physical core stay together: they share its caches and execution units.
 */
export function separateCores(
  sets: number,
  files = new KernelFiles(),
  tools = hasTools()
): { sets: number[][] } | { sets: null; reason: string } {
  const cores = allowedCores(files)
  const none = (reason: string) => ({ sets: null, reason })
  if (!cores) return none('only Linux can keep browsers on cores of their own')
  if (!tools) return none('the commands taskset and chrt are missing (install util-linux)')
  const siblingsOf = (core: number) =>
    files.read(`/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`)?.trim() ?? String(core)
  const physical = groupBy(cores, siblingsOf)
  const each = Math.floor(physical.size / sets)
  if (each < 1)
    return none(`${sets} builds at once need ${sets} physical cores, and there is ${physical.size}`)
  const groups = [...physical.values()]
  return { sets: Array.from({ length: sets }, (_, set) => groups.slice(set * each, (set + 1) * each).flat()) }
}

/**
 * Starts a program on these cores only. On a single core it runs as a batch process (SCHED_BATCH of
 * sched(7)): a thread that is woken waits until the thread that woke it rests, so packets are handled several
 * at a time instead of one by one.
 */
export function onCores(cores: readonly number[], { executablePath, args }: Invocation): Invocation {
  const batch = cores.length === 1 ? ['chrt', '--batch', '0'] : []
  return {
    executablePath: '/usr/bin/env',
    args: [...batch, 'taskset', '--cpu-list', cores.join(','), executablePath, ...args]
  }
}

const hasTools = () => ['chrt', 'taskset'].every((tool) => spawnSync(tool, ['--version']).status === 0)
