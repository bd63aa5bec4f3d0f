/**
 * Identifies the holder of a lease, and tells whether that process is provably dead. For a process in another
 * container or on another machine, only a timeout can tell.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface LeaseOwner {
  host: string
  pid: number
  /**
   * The boot of this kernel and the process namespace. Within one scope, a process id always means the same
   * process.
   */
  scope: string
  /** When the process began, in kernel ticks since boot; '' if there is no /proc. */
  started: string
}

export const describeSelf = () => JSON.stringify(ownerOf(process.pid))

/** Undefined if the text is not a complete description. */
export function readOwner(text: string): LeaseOwner | undefined {
  try {
    const owner = JSON.parse(text) as LeaseOwner
    return Number.isInteger(owner.pid) && owner.pid > 0 ? owner : undefined
  } catch {
    return undefined
  }
}

/**
 * True only if it is certain: a suspended or hanging process is not dead, and a process in another scope is
 * invisible.
 */
export function isDead(owner: LeaseOwner | undefined): boolean {
  if (owner?.scope !== scopeOf()) return false
  if (!exists(owner.pid)) return true
  const now = statOf(owner.pid)
  if (now === undefined) return false
  return now.started !== owner.started || (now.isZombie && threadsOf(owner.pid) <= 1)
}

const ownerOf = (pid: number): LeaseOwner => ({
  host: hostname(),
  pid,
  scope: scopeOf(),
  started: statOf(pid)?.started ?? ''
})

function scopeOf(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** See proc_pid_stat(5). Undefined if there is no /proc. */
function statOf(pid: number): { isZombie: boolean; started: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The process's name is in parentheses and may contain spaces. The state (field 3) and start (field 22)
    // follow it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { isZombie: 'ZXx'.includes(fields[0]!), started: fields[19]! }
  } catch {
    return undefined
  }
}

/**
 * A killed process becomes a zombie as soon as its first thread has ended. Another thread may still be
 * writing.
 */
function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length
  } catch {
    return 0
  }
}
