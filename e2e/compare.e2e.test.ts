import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Comparison } from '../analysis/comparison/comparison'
import type { Campaign } from '../commands/campaign/store'
import { startLighthouse } from '../lighthouse/app'
import { startResultsServer } from '../server/app'
import { startCommand } from './support/command'
import { until } from './support/processes'

const folder = mkdtempSync(join(tmpdir(), 'compare-'))
const compare = (...args: string[]) =>
  startCommand('commands/compare.ts', args, { TEST_RESULTS_LOCATION: folder, FORCE_COLOR: '0' })
const read = (id: string, file: string): unknown =>
  JSON.parse(readFileSync(join(folder, 'comparisons', id, file), 'utf8'))
const campaign = (id: string) => read(id, 'campaign.json') as Campaign

const SHORT = ['--peers', '6', '--duration', '4', '--warmup', '1', '--secondary', 'delivery.position']

describe('npm run compare', { timeout: 400_000 }, () => {
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('survives a kill in mid-run, runs nothing twice, and finds that a full mesh needs fewer packets', async () => {
    // One block more than it takes: another program's burst may make one void.
    const args = ['--id', 'mesh', '--blocks', '7', '--baseline', 'layers', '--candidate', 'layers?mesh=full']
    const killed = compare(...args, ...SHORT, '--no-side-by-side', '--metric', 'wire.packetsPerMessage')
    const file = join(folder, 'comparisons', 'mesh', 'campaign.json')
    await until('the first run is saved', () => existsSync(file) && campaign('mesh').runs.length === 1)
    await until('the second run is under way', () => killed.output.includes('Run 2 of 14'))
    killed.kill('SIGKILL')
    await killed.ended
    const [first] = campaign('mesh').runs

    const { code, output } = await compare('--resume', 'mesh').ended
    assert.equal(code, 0, output)
    const { runs } = campaign('mesh')
    assert.equal(runs[0]!.testId, first!.testId)
    assert.equal(runs.filter(({ block, variant }) => block === 0 && variant === 0).length, 1)
    const { primary, secondary, blocks } = read('mesh', 'comparison.json') as Comparison
    assert.ok(blocks! >= 6, output)
    assert.equal(primary.verdict, 'better', output)
    assert.ok(
      primary.values.candidate.every((packets) => packets < 1.1),
      String(primary.values.candidate)
    )
    assert.ok(
      secondary[0]!.values.baseline.every((delivery) => delivery > 0.95),
      output
    )
    assert.match(output, /wire\.packetsPerMessage is better/)
    assert.match(readFileSync(join(folder, 'comparisons', 'mesh', 'comparison.html'), 'utf8'), /<svg/)
  })

  it('compares results that are there, and refuses unlike ones by name', async () => {
    const { runs } = read('mesh', 'comparison.json') as Comparison
    const ids = (build: string, from: number, to: number) =>
      runs
        .filter((run) => run.used && run.build === build)
        .sort((a, b) => a.block! - b.block!)
        .slice(from, to)
        .map(({ testId }) => join(folder, 'comparisons', 'mesh', 'tests', `${testId}.json`))
        .join(',')
    const alike = await compare(
      '--from',
      ids('baseline', 0, 3),
      '--to',
      ids('candidate', 0, 3),
      '--id',
      'stored'
    ).ended
    assert.equal(alike.code, 0, alike.output)
    assert.match(alike.output, /Not enough runs: 3 against 3 runs/)

    const unlike = await compare('--from', ids('baseline', 0, 2), '--to', ids('candidate', 2, 4)).ended
    assert.equal(unlike.code, 1)
    assert.match(unlike.output, /^ {2}seeds: /m)
    const forced = await compare('--from', ids('baseline', 0, 2), '--to', ids('candidate', 2, 4), '--force')
      .ended
    assert.equal(forced.code, 0, forced.output)
    assert.match(forced.output, /Forced: these runs are unlike/)
  })

  it('runs both builds of a block side by side, and reports what there is when it is interrupted', async () => {
    const interrupted = compare(
      '--id',
      'cut',
      '--baseline',
      'layers',
      '--candidate',
      'layers',
      '--peers',
      '3',
      '--duration',
      '3',
      '--warmup',
      '1'
    )
    await until('a block is done', () => /block 2 of 6/i.test(interrupted.output), 90)
    interrupted.kill('SIGINT')
    const { code, output } = await interrupted.ended
    assert.equal(code, 1)
    assert.match(output, /Not enough runs: 1 block /)
    assert.match(output, /Stopped with 10 runs to go\. Go on by: npm run compare -- --resume cut/)
    const [one, other] = campaign('cut').runs.map(({ summary }) => summary!.measured)
    const overlap = Math.min(one!.until, other!.until) - Math.max(one!.from, other!.from)
    assert.equal(overlap > 0, availableParallelism() > 1)
  })

  it('compares runners elsewhere, through servers elsewhere', async () => {
    const server = await startResultsServer({
      folder: join(folder, 'elsewhere'),
      port: 0,
      controlToken: 'secret'
    })
    const lighthouse = await startLighthouse({ port: 0 })
    try {
      const command = startCommand(
        'commands/compare.ts',
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
          ...['--results-server-url', server.url, '--lighthouse-url', lighthouse.url],
          ...['--runners', 'node --require ts-node/register run-clients.ts']
        ],
        { TEST_RESULTS_LOCATION: folder, RESULTS_SERVER_TOKEN: 'secret' }
      )
      const { output } = await command.ended
      const [first] = campaign('elsewhere').runs
      assert.deepEqual(first!.failures, [], output)
      assert.equal(first!.summary!.provenance.libraries[0]!.version, '0.1.36')
      assert.ok(first!.summary!.delivery.position! > 0.95, output)
      assert.match(output, /All 3 peers have handed in their results/)
    } finally {
      await lighthouse.close()
      await server.close()
    }
  })

  const refusals = [
    {
      what: 'a version that is not published',
      args: ['--baseline', 'layers', '--candidate', 'decentraland-katalyst-peer@0.2.99'],
      line: /^decentraland-katalyst-peer@0\.2\.99 is not published: there are .*0\.2\.20$/m
    },
    {
      what: 'half a comparison',
      args: ['--baseline', 'layers'],
      line: /^Say what to compare: --baseline and --candidate/m
    },
    { what: 'an unknown metric', args: ['--metric', 'speed'], line: /It is no metric/ },
    {
      what: 'an id that is not there',
      args: ['--resume', 'nothing'],
      line: /^There is no comparison "nothing"/m
    },
    {
      what: 'results that are not there',
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
