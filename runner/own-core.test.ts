import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { allowedCores } from './machine/host'
import { KernelFiles } from './machine/kernel-files'
import { checkCore, onCore } from './own-core'

const ALL = allowedCores(new KernelFiles())

describe('a core of its own for a browser', () => {
  it('is where a program that is started there runs, as a batch process, with its arguments as they were', () => {
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
    const { executablePath, args: all } = onCore(core, { executablePath: process.execPath, args })
    const output = execFileSync(executablePath, all, { encoding: 'utf8' })
    assert.match(output, /^\["a b","--batch"\]/)
    assert.match(output, new RegExp(`^Cpus_allowed_list:\\s*${core}$`, 'm'))
    assert.match(output, /SCHED_BATCH/)
  })

  it('is refused by name where the runner may not use it', () => {
    assertRefused(4095, ALL ? /BROWSER_CORE is 4095, .*choose one of \d/ : /needs Linux/)
  })
})

function assertRefused(core: number, message: RegExp): void {
  assert.throws(
    () => {
      checkCore(core)
    },
    { name: 'UserError', message }
  )
}
