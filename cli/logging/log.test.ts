import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { programOf } from '../../tools/testing/program'

const folder = mkdtempSync(join(tmpdir(), 'log-'))
after(() => rmSync(folder, { recursive: true }))

/** Logs many more lines than a pipe holds, then reports on stdout that it is alive. */
const programWith = (log: string) => `
  const { openLog } = require(${JSON.stringify(log)})
  const log = openLog('info')
  log.logger.info('\\u009b31m')
  for (let i = 0; i < 3000; i++) log.logger.info({ i }, 'x'.repeat(1000))
  // While a slow disk writes these, the log drops what comes.
  log.flush().then(async () => {
    log.logger.info('later')
    await log.flush()
    process.stdout.write('alive')
    process.exit(0)
  })
`

/** Runs the program with this stderr. The time-out ends a stalled program, which then shows as a signal. */
async function run(stderr: number | 'pipe', onStart?: (child: ReturnType<typeof spawn>) => void) {
  const program = programWith(await programOf('cli/logging/log.ts'))
  const child = spawn(process.execPath, ['--eval', program], {
    stdio: ['ignore', 'pipe', stderr],
    timeout: 30_000
  })
  let stdout = ''
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  onStart?.(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout }
}

describe('a log that cannot be written loses only lines', () => {
  it('on a full disk', async () => {
    const fd = openSync('/dev/full', 'w')
    assert.deepEqual(await run(fd), { code: 0, stdout: 'alive' })
    closeSync(fd)
  })

  it('whose reader is gone', async () => {
    const result = await run('pipe', (child) => {
      child.stderr!.destroy()
    })
    assert.deepEqual(result, { code: 0, stdout: 'alive' })
  })

  it('whose reader has stalled', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    // The pipe is held open but never read.
    const fd = openSync(pipe, constants.O_RDWR)
    assert.deepEqual(await run(fd), { code: 0, stdout: 'alive' })
    closeSync(fd)
  })
})

it('writes every line that it can, in order, and how many are missing', async () => {
  const path = join(folder, 'log')
  const fd = openSync(path, 'w')
  assert.deepEqual(await run(fd), { code: 0, stdout: 'alive' })
  closeSync(fd)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as { i?: number; msg: string })
  assert.equal(entries[0]!.msg, '\ufffd31m', 'no terminal obeys a line')
  const numbers = entries.flatMap(({ i }) => (i === undefined ? [] : [i]))
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => i)
  )
  const note = entries.find(({ msg }) => msg.endsWith('were lost'))
  assert.equal(note?.msg, `${3000 - numbers.length} lines of this log were lost`)
  assert.equal(entries.at(-1)?.msg, 'later')
})
