/**
 * What this process's control group (cgroup v1 or v2) allows it, and what it has used: Node reports the cores
 * of the machine, not a container's limit. Any ancestor may set a limit, which everything below it shares: it
 * may be exhausted although a tighter one is not.
 * Sources: Linux's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/, scheduler/sched-bwc.rst.
 */
import { join } from 'node:path'
import { KernelFiles, numberNamed } from './kernel-files'

/** The CPU quotas on this process, the tightest first; none if nothing limits it. */
export function cpuLimits(files: KernelFiles) {
  const { version, paths } = levelsOf('cpu', files)
  const accounting = version === 1 ? levelsOf('cpuacct', files).paths : []
  const limits = paths.flatMap((path, depth) => {
    const cores = coresOf(version, path, files)
    if (cores === undefined) return []
    const read = () => {
      const stat = files.read(join(path, 'cpu.stat'))
      return {
        /** CPU time used so far by all below this level, in ms. */
        used:
          version === 2
            ? (numberNamed('usage_usec', stat) ?? 0) / 1e3
            : Number(files.read(join(accounting[depth] ?? path, 'cpuacct.usage')) ?? 0) / 1e6,
        /** Scheduler periods so far, and how many of them exhausted the quota. */
        periods: numberNamed('nr_periods', stat) ?? 0,
        throttled: numberNamed('nr_throttled', stat) ?? 0
      }
    }
    /** `cores`: quota ÷ period, the number that may be kept busy. */
    return [{ cores, read }]
  })
  return limits.sort((a, b) => a.cores - b.cores)
}

/** The tightest memory limit on this process; undefined if it has none (v1 writes "none" as almost 2^63). */
export function memoryLimit(files: KernelFiles) {
  const { version, paths } = levelsOf('memory', files)
  const names =
    version === 2
      ? { limit: 'memory.max', used: 'memory.current', droppable: 'inactive_file' }
      : { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', droppable: 'total_inactive_file' }
  const limits = paths.flatMap((path) => {
    const limit = Number(files.read(join(path, names.limit))?.trim() ?? NaN)
    return limit > 0 && limit < 2 ** 60 ? [{ limit, path }] : []
  })
  const tightest = limits.sort((a, b) => a.limit - b.limit)[0]
  if (!tightest) return undefined
  return {
    /** Bytes. */
    limit: tightest.limit,
    /** Bytes used, without file pages that the kernel can drop at once. */
    used: () => {
      const used = Number(files.read(join(tightest.path, names.used)) ?? 0)
      const droppable = numberNamed(names.droppable, files.read(join(tightest.path, 'memory.stat'))) ?? 0
      return Math.max(0, used - droppable)
    }
  }
}

/** Quota ÷ period; undefined without a quota, which is `max` or -1. */
function coresOf(version: 1 | 2, path: string, files: KernelFiles): number | undefined {
  const [quota, period] =
    version === 2
      ? (files.read(join(path, 'cpu.max')) ?? 'max').split(' ')
      : ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) => files.read(join(path, name)))
  return Number(quota) > 0 ? Number(quota) / Number(period) : undefined
}

/** Folders of this process's group for one controller, its own first, then its ancestors up to the mount. */
function levelsOf(controller: string, files: KernelFiles): { version: 1 | 2; paths: string[] } {
  const groups = (files.read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'))
  const v1 = groups.find(([, controllers]) => controllers?.split(',').includes(controller))
  const group = v1 ?? groups.find(([id, controllers]) => id === '0' && controllers === '')
  const version = v1 ? 1 : 2
  const mount = mountOf(version, controller, files)
  if (!group || !mount) return { version, paths: [] }
  const relative = withoutPrefix(group.slice(2).join(':'), mount.root)
  const names = relative.split('/').filter((name) => name !== '' && name !== '..')
  return {
    version,
    paths: names.map((_, i) => join(mount.point, ...names.slice(0, names.length - i))).concat(mount.point)
  }
}

/** Where the controller's hierarchy is mounted, and which of its groups the mount shows as its root. */
function mountOf(version: 1 | 2, controller: string, files: KernelFiles) {
  for (const line of (files.read('/proc/self/mountinfo') ?? '').split('\n')) {
    const [own = '', filesystem = ''] = line.split(' - ')
    const [type, , options = ''] = filesystem.split(' ')
    const [, , , root, point] = own.split(' ')
    const fits =
      version === 2 ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(controller)
    if (fits && root && point) return { root, point }
  }
  return undefined
}

/** A container without a cgroup namespace sees the host's path, but its mount starts at its own group. */
function withoutPrefix(path: string, root: string): string {
  if (root === '/') return path
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : ''
}
