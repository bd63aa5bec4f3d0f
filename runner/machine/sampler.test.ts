import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FakeKernel } from '../testing/fake-kernel'
import { MachineSampler } from './sampler'

/** /proc/stat of two cores: the first was busy for `busy` ticks of `total`, the second was idle. */
const procStat = (busy: number, total: number, steal = 0) =>
  `cpu  0 0 0 0\ncpu0 ${busy} 0 0 ${total - busy - steal} 0 0 0 ${steal} 0 0\ncpu1 0 0 0 ${total} 0 0 0 0 0 0\nintr 5\n`

/** /proc/PID/stat with a command that misleads parsers that split at spaces. */
const pidStat = (pid: number, parent: number, ticks: [number, number, number, number]) =>
  `${pid} (a b) c) S ${parent} 1 1 0 -1 4 0 0 0 0 ${ticks.join(' ')} 20 0 1 0 100\n`

const MEMINFO = 'MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  400 kB\n'

describe('the machine sampler', () => {
  it('measures CPU of the cores that it may use, and counts steal as busy', () => {
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/self/status': 'Name: x\nCpus_allowed_list:\t0\n',
      '/proc/meminfo': MEMINFO
    })
    const sampler = new MachineSampler(undefined, kernel.files)
    kernel.write({ '/proc/stat': procStat(60, 100, 15) })
    assert.equal(sampler.sample().cpu.usage, 0.75)
    kernel.write({ '/proc/stat': procStat(60, 200, 15), '/proc/self/status': 'Cpus_allowed_list:\t0-1\n' })
    assert.equal(sampler.sample().cpu.usage, 0)
    kernel.remove()
  })

  it('measures only the browser’s core if it has its own', () => {
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/self/status': 'Cpus_allowed_list:\t0-1\n',
      '/proc/meminfo': MEMINFO
    })
    const [busy, idle] = [0, 1].map((core) => new MachineSampler([core], kernel.files))
    kernel.write({ '/proc/stat': procStat(90, 100), '/proc/self/status': 'Cpus_allowed_list:\t1\n' })
    assert.equal(busy!.cores, 1)
    assert.equal(busy!.sample().cpu.usage, 0.9)
    assert.equal(idle!.sample().cpu.usage, 0)
    kernel.remove()
  })

  it('reports the tighter of the quota and the machine, and the share of throttled periods', () => {
    let now = 0
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/meminfo': MEMINFO,
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      '/sys/fs/cgroup/cpu.max': '50000 100000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 0\nnr_periods 0\nnr_throttled 0\n'
    })
    const sampler = new MachineSampler(undefined, kernel.files, () => now)
    now = 2000
    kernel.write({
      '/proc/stat': procStat(100, 200),
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 950000\nnr_periods 20\nnr_throttled 5\n'
    })
    const { interval, cpu, memory } = sampler.sample()
    assert.equal(interval, 2000)
    assert.deepEqual(cpu, { cores: 0.5, usage: 0.95, browser: 0, throttled: 0.25 })
    assert.deepEqual(memory, { used: 600 * 1024, limit: 1000 * 1024, browser: 0 })
    kernel.remove()
  })

  it('sees a looser quota that others below it exhaust', () => {
    let now = 0
    const slice = '/sys/fs/cgroup/lab.slice'
    const used = (own: number, all: number, throttled: number) => ({
      [`${slice}/runner/cpu.stat`]: `usage_usec ${own}\nnr_periods 20\nnr_throttled 0\n`,
      [`${slice}/cpu.stat`]: `usage_usec ${all}\nnr_periods ${20 + throttled}\nnr_throttled ${throttled}\n`
    })
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/meminfo': MEMINFO,
      '/proc/self/cgroup': '0::/lab.slice/runner\n',
      '/proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      [`${slice}/runner/cpu.max`]: '100000 100000\n',
      [`${slice}/cpu.max`]: '150000 100000\n',
      ...used(0, 0, 0)
    })
    const sampler = new MachineSampler(undefined, kernel.files, () => now)
    now = 2000
    kernel.write({ '/proc/stat': procStat(100, 200), ...used(500_000, 3_000_000, 20) })
    const { cpu } = sampler.sample()
    assert.deepEqual(cpu, { cores: 1, usage: 1, browser: 0, throttled: 1 })
    kernel.remove()
  })

  it('sums the browser’s processes, ended children included, and counts shared memory once', () => {
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/meminfo': MEMINFO,
      '/proc/10/stat': pidStat(10, 1, [1, 1, 0, 0]),
      '/proc/10/task/10/children': '',
      '/proc/10/task/13/children': '11 ',
      '/proc/10/status': 'VmRSS:\t 100 kB\n',
      '/proc/10/smaps_rollup': 'Rss: 100 kB\nPss: 60 kB\nPss_Anon: 5 kB\n',
      '/proc/11/stat': pidStat(11, 10, [5, 0, 0, 0]),
      '/proc/11/status': 'VmRSS:\t 40 kB\n',
      '/proc/12/stat': pidStat(12, 1, [500, 0, 0, 0])
    })
    const sampler = new MachineSampler(undefined, kernel.files)
    sampler.watchBrowser(10)
    sampler.readMemory()
    assert.equal(sampler.sample().memory.browser, 100 * 1024)
    kernel.write({
      '/proc/11/status': 'VmRSS:\t 70 kB\n',
      '/proc/10/stat': pidStat(10, 1, [2, 1, 0, 0]),
      '/proc/11/stat': pidStat(11, 10, [5, 2, 1, 1])
    })
    const after = sampler.sample()
    assert.equal(after.cpu.browser, 50)
    assert.equal(after.memory.browser, 130 * 1024, 'follows the resident size')
    kernel.remove()
  })

  it('finds the browser’s new processes at once, and within five samples once its memory was read', () => {
    const process = (pid: number, children: string) => ({
      [`/proc/${pid}/stat`]: pidStat(pid, 1, [1, 0, 0, 0]),
      [`/proc/${pid}/task/${pid}/children`]: children,
      [`/proc/${pid}/status`]: 'VmRSS:\t 1 kB\n'
    })
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/meminfo': MEMINFO,
      ...process(10, '')
    })
    const sampler = new MachineSampler(undefined, kernel.files)
    const browserCpu = () => sampler.sample().cpu.browser
    sampler.watchBrowser(10)
    assert.equal(browserCpu(), 10)
    kernel.write({ ...process(10, '11 '), ...process(11, '') })
    assert.equal(browserCpu(), 10)
    sampler.readMemory()
    kernel.write({ ...process(11, '12 '), ...process(12, '') })
    assert.deepEqual(Array.from({ length: 6 }, browserCpu), [0, 0, 0, 0, 10, 0])
    kernel.remove()
  })

  it('says nothing about a browser whose processes the kernel does not list', () => {
    const kernel = new FakeKernel({
      '/proc/stat': procStat(0, 0),
      '/proc/10/stat': pidStat(10, 1, [1, 1, 0, 0])
    })
    const sampler = new MachineSampler(undefined, kernel.files)
    sampler.watchBrowser(10)
    sampler.readMemory()
    const { cpu, memory } = sampler.sample()
    assert.deepEqual([cpu.browser, memory.browser], [0, 0])
    kernel.remove()
  })

  it('sees real work of a real process (where there is /proc)', async (t) => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'])
    t.after(() => child.kill('SIGKILL'))
    const sampler = new MachineSampler()
    sampler.watchBrowser(child.pid)
    let sample
    // The kernel counts in ticks of 10 ms: within a shorter time, one tick is more than the time itself.
    do {
      await sleep(100)
      sample = sampler.sample()
    } while (process.platform === 'linux' && (sample.cpu.browser === 0 || sample.memory.browser <= 1e6))
    assert.equal(sample.cpu.browser > 0 && sample.memory.browser > 1e6, process.platform === 'linux')
    assert.ok(sample.cpu.browser < 2 * sample.interval && sample.cpu.usage > 0)
    assert.ok(sample.memory.used > 0 && sample.memory.used < sample.memory.limit)
  })
})
