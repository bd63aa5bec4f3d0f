import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuLimits, memoryLimit } from './cgroup'
import { FakeKernel } from '../testing/fake-kernel'

const V2_MOUNT = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n'
const v1Mount = (root: string) =>
  ['cpu,cpuacct', 'memory']
    .map((names) => `31 23 0:27 ${root} /sys/fs/cgroup/${names} rw - cgroup cgroup rw,${names}\n`)
    .join('')
const v1Group = (path: string) => `4:memory:${path}\n3:cpu,cpuacct:${path}\n1:name=systemd:${path}\n0::/\n`

interface Case {
  name: string
  contents: Record<string, string>
  cpu?: { cores: number; used: number; periods: number; throttled: number }
  memory?: { limit: number; used: number }
}

const cases: Case[] = [
  { name: 'no cgroup at all (not Linux): no limits', contents: {} },
  {
    name: 'v2 in a container with a namespace: limits of the mount’s root',
    contents: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 2500000\nnr_periods 40\nnr_throttled 10\n',
      '/sys/fs/cgroup/memory.max': '1000000\n',
      '/sys/fs/cgroup/memory.current': '700000\n',
      '/sys/fs/cgroup/memory.stat': 'anon 5\ninactive_file 200000\n'
    },
    cpu: { cores: 1.5, used: 2500, periods: 40, throttled: 10 },
    memory: { limit: 1000000, used: 500000 }
  },
  {
    name: 'v2, limits on an ancestor: the tightest counts, with its own use',
    contents: {
      '/proc/self/cgroup': '0::/slice/unit\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/slice/unit/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/slice/unit/cpu.stat': 'usage_usec 1\n',
      '/sys/fs/cgroup/slice/cpu.max': '50000 100000\n',
      '/sys/fs/cgroup/slice/cpu.stat': 'usage_usec 9000\nnr_periods 2\nnr_throttled 1\n',
      '/sys/fs/cgroup/slice/unit/memory.max': 'max\n'
    },
    cpu: { cores: 0.5, used: 9, periods: 2, throttled: 1 }
  },
  {
    name: 'v1 in a container without a namespace: the mount begins at its own group',
    contents: {
      '/proc/self/cgroup': v1Group('/docker/abc'),
      '/proc/self/mountinfo': v1Mount('/docker/abc'),
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '200000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 8\nnr_throttled 2\nthrottled_time 5\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage': '3000000000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '4096000\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '3000\n',
      '/sys/fs/cgroup/memory/memory.stat': 'total_inactive_file 1000\n'
    },
    cpu: { cores: 2, used: 3000, periods: 8, throttled: 2 },
    memory: { limit: 4096000, used: 2000 }
  },
  {
    name: 'v1 without limits: -1 and almost 2^63 mean none',
    contents: {
      '/proc/self/cgroup': v1Group('/'),
      '/proc/self/mountinfo': v1Mount('/'),
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n'
    }
  }
]

describe('the limits of a cgroup', () => {
  for (const { name, contents, cpu, memory } of cases) {
    it(name, () => {
      const kernel = new FakeKernel(contents)
      const [tightest] = cpuLimits(kernel.files)
      const foundMemory = memoryLimit(kernel.files)
      assert.deepEqual(tightest && { cores: tightest.cores, ...tightest.read() }, cpu)
      assert.deepEqual(foundMemory && { limit: foundMemory.limit, used: foundMemory.used() }, memory)
      kernel.remove()
    })
  }
})
