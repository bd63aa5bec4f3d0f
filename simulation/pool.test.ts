import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setImmediate as oneTurn, setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { UserError } from '../cli/user-error'
import { attempt } from '../protocol/attempt'
import type { Prisoner } from './jail'
import { planOf, type LibraryBuild } from './plan'
import { LostProcessError, Pool, simulateAll } from './pool'

const build = { text: 'broken', library: 'layers', weight: 1 }
const planWith = (code: string) => planOf({ builds: [{ ...build, code } as LibraryBuild], peers: 2, seed: 1 })
const openIn = (pool: Pool) => (pool as unknown as { open: ReadonlySet<Prisoner> }).open

describe('simulations that are stopped', () => {
  /** Of a build that never lets go. */
  function start() {
    const [pool, controller] = [new Pool(1), new AbortController()]
    const { signal } = controller
    const running = simulateAll([planWith('for (;;);')], { pool, signal })
    return { open: openIn(pool), running, stop: () => controller.abort(new UserError('Stopped')) }
  }

  it('start no process any more', async () => {
    const { open, running, stop } = start()
    stop()
    await assert.rejects(running, { message: 'Stopped' })
    assert.equal(open.size, 0)
  })

  it('start no process in a pool that another simulation has closed', async () => {
    const pool = new Pool(1)
    const running = simulateAll([planWith('for (;;);')], { pool })
    pool.close()
    await assert.rejects(running, /^Error: The pool of simulations is closed$/)
    assert.equal(openIn(pool).size, 0)
  })

  it('are not taken for a process that died', async () => {
    const { open, running, stop } = start()
    while (open.size === 0) await oneTurn()
    stop()
    await assert.rejects(running, { message: 'Stopped' })
  })
})

describe('a process of simulations that the system kills', () => {
  /** Its processes, and how a run of a broken build fails. */
  function pool() {
    const pool = new Pool(1)
    const plan = planWith('throw new Error("planted")')
    const open = openIn(pool)
    const fail = async () => (await pool.run(plan, 0, {})).failures
    const kill = async () => {
      while (open.size === 0) await oneTurn()
      const [{ process: child, death }] = [...open] as [Prisoner]
      child.kill('SIGKILL')
      await death
    }
    return { pool, fail, kill }
  }

  it('is replaced if it waited for its next run', async () => {
    const { pool: all, fail, kill } = pool()
    try {
      const failures = await fail()
      assert.match(failures[0]!, /broken does not load: Error: planted/)
      await kill()
      assert.deepEqual(await fail(), failures)
    } finally {
      all.close()
    }
  })

  it('says what may be the reason if it did not', async () => {
    const { pool: all, fail, kill } = pool()
    try {
      const [failed] = await Promise.allSettled([fail(), kill()])
      const error: unknown = failed.status === 'rejected' && failed.reason
      assert.ok(error instanceof LostProcessError)
      assert.match(
        error.message,
        /ended without a result \(SIGKILL\): free memory, if the machine has none left$/
      )
    } finally {
      all.close()
    }
  })
})

it('a process that cannot start ends nothing but itself', async () => {
  const crowded = `
    const [fs, processes] = [require('node:fs'), require('node:child_process')]
    const { spawn } = processes
    processes.spawn = (...given) => {
      const files = []
      try { for (;;) files.push(fs.openSync('/dev/null')) } catch {}
      const child = spawn(...given)
      files.forEach((file) => fs.closeSync(file))
      return child
    }
    const { imprison } = require('./simulation/jail')
    const { kill, death } = imprison('', [])
    kill()
    death.then(({ line }) => console.log(line))`
  const start = [
    '-c',
    'ulimit -n 64; exec "$0" "$@"',
    process.execPath,
    '--require',
    'tsx/cjs',
    '-e',
    crowded
  ]
  // In a process group of its own, which Node's kill() would end.
  const { stdout } = await promisify(execFile)('setsid', ['--wait', 'sh', ...start])
  assert.match(stdout, /^A simulation could not start: .*EMFILE\n$/)
})

const isLinux = existsSync('/usr/bin/setpriv')
it('a process that is busy ends with its parent, even if that is killed', { skip: !isLinux }, async (t) => {
  const parent = spawn(process.execPath, [
    ...['--require', 'tsx/cjs', '-e'],
    `console.log(require('./simulation/jail').imprison('for (;;);', []).process.pid)`
  ])
  const [pid] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
  t.after(() => isRunning() && process.kill(Number(pid), 'SIGKILL'))
  // Only then is it bound.
  while (readFileSync(`/proc/${pid.trim()}/cmdline`, 'utf8').includes('--pdeathsig')) await pause(1)
  parent.kill('SIGKILL')
  while (isRunning()) await pause(20)

  /** Nobody may have asked yet how it ended. */
  function isRunning() {
    const stat = attempt(() => readFileSync(`/proc/${pid.trim()}/stat`, 'utf8'))
    return stat !== undefined && !stat.includes(') Z ')
  }
})
