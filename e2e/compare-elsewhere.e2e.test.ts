import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Campaign } from '../orchestration/store'
import { startLighthouse } from '../lighthouse/app'
import { startResultsServer } from '../server/app'
import { startCommand } from './support/command'
import { until } from './support/processes'

const folder = mkdtempSync(join(tmpdir(), 'compare-'))
const compare = (...args: string[]) =>
  startCommand('compare', args, { TEST_RESULTS_LOCATION: folder, FORCE_COLOR: '0' })

describe('npx peer-perf compare, without measuring', () => {
  after(() => rmSync(folder, { recursive: true }))

  it('compares through servers elsewhere', async () => {
    const server = await startResultsServer({
      folder: join(folder, 'elsewhere'),
      port: 0,
      controlToken: 'secret',
      submitToken: 'of-pages'
    })
    const lighthouse = await startLighthouse({ port: 0 })
    try {
      const command = startCommand(
        'compare',
        [
          ...[
            '--baseline',
            'decentraland-katalyst-peer@0.1.36',
            '--candidate',
            'layers',
            '--id',
            'elsewhere'
          ],
          ...['--blocks', '1', '--peers', '3', '--duration', '3', '--warmup', '1'],
          // Nothing that virtual time counts, which takes minutes before the blocks.
          ...['--gate', 'only,latency'],
          ...['--results-server-url', server.url, '--lighthouse-url', lighthouse.url]
        ],
        {
          TEST_RESULTS_LOCATION: folder,
          RESULTS_SERVER_TOKEN: 'secret',
          RESULTS_SERVER_SUBMIT_TOKEN: 'of-pages'
        }
      )
      const file = join(folder, 'comparisons', 'elsewhere', 'campaign.json')
      const first = () =>
        existsSync(file)
          ? (JSON.parse(readFileSync(file, 'utf8')) as Campaign).runs.find(({ variant }) => variant === 0)
          : undefined
      const early = command.ended.then(({ output }) => assert.ok(first(), output))
      await Promise.race([early, until('a run is saved', () => first() !== undefined)])
      // A busy machine would void and repeat it.
      command.kill('SIGINT')
      const { output } = await command.ended
      const { failures, summary } = first()!
      assert.deepEqual(failures, [], output)
      assert.equal(summary!.provenance.libraries[0]!.version, '0.1.36')
      assert.ok(summary!.delivery.position! > 0.95, output)
    } finally {
      await lighthouse.close()
      await server.close()
    }
  })

  const refusals = [
    {
      what: 'a version that is not published',
      args: ['--baseline', 'layers', '--candidate', 'decentraland-katalyst-peer@0.2.99'],
      line: /^decentraland-katalyst-peer@0\.2\.99 is not published\. Published versions: .*0\.2\.20$/m
    },
    {
      what: 'half a comparison',
      args: ['--baseline', 'layers'],
      line: /^Say what to compare: --baseline and --candidate/m
    },
    { what: 'an unknown metric', args: ['--metric', 'speed'], line: /It must be a metric/ },
    {
      what: 'an unknown comparison',
      args: ['--resume', 'nothing'],
      line: /^No comparison is named "nothing"/m
    },
    {
      what: 'missing results',
      args: ['--from', 'a', '--to', 'b'],
      line: /^There is no results file .*a\.json$/m
    }
  ]
  for (const { what, args, line } of refusals) {
    it(`refuses ${what} in one line`, async () => {
      const { code, output } = await compare(...args).ended
      assert.equal(code, 1, output)
      assert.match(output, line)
      assert.doesNotMatch(output, /^ +at /m)
    })
  }
})
