import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { startCommand } from './support/command'
import { until } from './support/processes'

it('a calibration that is stopped by Ctrl-C finds nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const command = startCommand('calibrate', ['--max-peers', '2', '--duration', '600'], {
    TEST_RESULTS_LOCATION: folder
  })
  await until('a trial', () => command.output.includes('2 peers in 1 tab'))
  command.kill('SIGINT')
  const { code, output } = await command.ended
  assert.equal(code, 1)
  assert.match(output, /^Stopped by SIGINT$/m)
  assert.doesNotMatch(output, /carries/)
  assert.ok(!existsSync(join(folder, 'machine.calibration.json')))
})
