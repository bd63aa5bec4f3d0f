import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { allowedCores } from './machine/host'
import { KernelFiles } from './machine/kernel-files'
import { checkCore, onCores, separateCores } from './own-core'

const ALL = allowedCores(new KernelFiles())

describe('a browser’s own core', () => {
  it('is where a program started there runs, as a batch process, with unchanged arguments', () => {
    const core = ALL?.[0]
    if (core === undefined) {
      assertRefused(0, /needs Linux/)
      return
    }
    checkCore(core)
    const script = [
      "const { execFileSync } = require('node:child_process')",
      "console.log(JSON.stringify(process.argv.slice(1)), fs.readFileSync('/proc/self/status', 'utf8'))",
      "console.log(execFileSync('chrt', ['--pid', String(process.pid)], { encoding: 'utf8' }))"
    ].join(';')
    const args = ['-e', script, 'a b', '--batch']
    const { executablePath, args: all } = onCores([core], { executablePath: process.execPath, args })
    const output = execFileSync(executablePath, all, { encoding: 'utf8' })
    assert.match(output, /^\["a b","--batch"\]/)
    assert.match(output, new RegExp(`^Cpus_allowed_list:\\s*${core}$`, 'm'))
    assert.match(output, /SCHED_BATCH/)
  })

  it('may be several, and then it does not run as a batch process', () => {
    const { args } = onCores([2, 3], { executablePath: '/browser', args: ['--x'] })
    assert.deepEqual(args, ['taskset', '--cpu-list', '2,3', '/browser', '--x'])
  })

  it('is refused, naming it, if the runner may not use it', () =>
    assertRefused(4095, ALL ? /BROWSER_CORE is 4095, .*choose one of \d/ : /needs Linux/))
})

describe('cores for browsers that run at the same time', () => {
  /** A machine with these allowed cores, and the threads of each physical core. */
  const machine = (allowed: string, siblings: Record<number, string> = {}) =>
    ({
      read: (path: string) => {
        if (path === '/proc/self/status') return `Cpus_allowed_list:\t${allowed}\n`
        return siblings[Number(/cpu(\d+)/.exec(path)?.[1])]
      }
    }) as KernelFiles

  const cases = [
    { says: 'two cores', files: machine('0-1'), sets: [[0], [1]] },
    {
      says: 'five cores: one is left over',
      files: machine('0-4'),
      sets: [
        [0, 1],
        [2, 3]
      ]
    },
    {
      says: 'threads of one core stay together',
      files: machine('0-3', { 0: '0,2', 1: '1,3', 2: '0,2', 3: '1,3' }),
      sets: [
        [0, 2],
        [1, 3]
      ]
    }
  ]
  for (const { says, files, sets } of cases) {
    it(says, () => assert.deepEqual(separateCores(2, files, true), { sets }))
  }

  it('are refused with the reason if there are none', () => {
    const reason = (files: KernelFiles, tools = true) =>
      (separateCores(2, files, tools) as { reason: string }).reason
    assert.match(reason(machine('0-1', { 0: '0-1', 1: '0-1' })), /need 2 physical cores, and there is 1/)
    assert.match(reason(machine('0-1'), false), /taskset/)
    assert.match(reason({ read: () => undefined } as unknown as KernelFiles), /only Linux/)
  })
})

function assertRefused(core: number, message: RegExp): void {
  assert.throws(() => checkCore(core), { name: 'UserError', message })
}
