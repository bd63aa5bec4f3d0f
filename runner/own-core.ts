/**
 * One core for a browser. Its threads wake each other for every packet; on one core that costs a tenth of what it costs between two, so
 * that the same peers take about a quarter less CPU. What they then can't have is more than one core.
 */
import { spawnSync } from 'node:child_process'
import { allowedCores } from './machine/host'
import { KernelFiles } from './machine/kernel-files'
import { UserError } from './user-error'

/** What starts a program: puppeteer's names. */
export interface Invocation {
  executablePath: string
  args: string[]
}

/** Throws UserError where a browser can't be kept on `core`. */
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
 * Starts a program on `core` alone. As a batch process (SCHED_BATCH of sched(7)) a thread that is woken waits until the one that woke it
 * rests, so that packets are handled several at a time instead of one by one.
 */
export function onCore(core: number, { executablePath, args }: Invocation): Invocation {
  return {
    executablePath: '/usr/bin/env',
    args: ['chrt', '--batch', '0', 'taskset', '--cpu-list', String(core), executablePath, ...args]
  }
}

const hasTools = () => ['chrt', 'taskset'].every((tool) => spawnSync(tool, ['--version']).status === 0)
