import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** The arguments of a process that runs this command. */
const commandThat = (does: string, args: readonly string[] = []) => [
  ...['--require', 'tsx/cjs', '--eval'],
  `const { runSubcommand } = require(${JSON.stringify(join(__dirname, 'command'))})
   const { Command } = require('commander')
   const sleep = require('timers/promises').setTimeout
   const aborted = (signal) => sleep(60_000, undefined, { signal }).catch(() => undefined)
   const program = new Command().option('--json')
   runSubcommand({ program, run: async (signal) => { ${does} } })`,
  '--',
  ...args
]

describe('signals', () => {
  const STOPS = `console.log('begun')
    await aborted(signal)
    await sleep(1500)
    console.log('kept')
    return 3`
  const cases: { what: string; gap: number; code: number; kept: string }[] = [
    {
      what: 'two 50 ms apart are one: npm passes on what the group has got',
      gap: 50,
      code: 3,
      kept: 'kept\n'
    },
    { what: 'the second of two 1 s apart ends it at once', gap: 1000, code: 1, kept: '' }
  ]
  for (const { what, gap, code, kept } of cases) {
    it(what, async () => {
      const child = spawn(process.execPath, commandThat(STOPS))
      await once(child.stdout, 'data')
      const output = text(child.stdout)
      child.kill('SIGINT')
      await sleep(gap)
      child.kill('SIGINT')
      assert.deepEqual(await once(child, 'exit'), [code, null])
      assert.equal(await output, kept)
    })
  }
})
