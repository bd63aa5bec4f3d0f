/**
 * Whole comparisons in virtual time: nothing but the builds decides them. Real browsers go through the same
 * steps in compare.alone.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Comparison } from '../analysis/comparison/comparison'
import { parseGate } from '../analysis/gate/criteria'
import { judgeSimulated, type SimulatedSize } from '../analysis/gate/simulated'
import { parsePlan, type Plan } from '../orchestration/plan'
import { simulateFirst } from '../orchestration/simulated-first'
import type { Campaign } from '../orchestration/store'
import { parseVariant } from '../orchestration/variant'
import type { Progress } from '../cli/progress'
import { copyWithFault, PLACES } from '../libraries/testing/planted-build'
import { writePlanted } from '../libraries/testing/planted-builds'
import { startCommand } from './support/command'
import { until } from './support/processes'

const folder = mkdtempSync(join(tmpdir(), 'compare-'))
const compare = (...args: string[]) =>
  startCommand('compare', args, { TEST_RESULTS_LOCATION: folder, FORCE_COLOR: '0' })
const read = (id: string, file: string): unknown =>
  JSON.parse(readFileSync(join(folder, 'comparisons', id, file), 'utf8'))
const campaign = (id: string) => read(id, 'campaign.json') as Campaign

/** Writes a build that runs this code while it loads. Returns its name for `--candidate`. */
function writeOwn(name: string, code: string): Promise<string> {
  const fault = { name, replace: [[PLACES.load, `${code} ${PLACES.load}`]] as const }
  return copyWithFault(fault, join(folder, name))
}

const PLAN = parsePlan({
  id: 'before',
  command: 'compare',
  madeAt: 0,
  variants: [],
  common: {},
  blocks: 6,
  seed: 1,
  setting: { peers: 8, peersPerTab: 8, duration: 4, warmup: 1, routine: 'stand', engine: 'simulation' },
  primary: 'wire.packetsPerMessage',
  secondary: [],
  margin: 0.03,
  gate: 'only,traffic'
})

const meshOf = (peers: number, first = 8): SimulatedSize => ({
  ...{ peers, duration: 1.1, warmup: 0.1, isDeduplicated: false },
  looks: [
    { blocks: first, spent: 0.5 },
    { blocks: 10, spent: 1 }
  ]
})

/** The baseline is layers. */
function before(
  candidate: string,
  sizes: SimulatedSize[],
  plan: Partial<Plan> = {},
  runDone: () => void = () => undefined
) {
  const variants = ['layers', candidate].map((text) => parseVariant(text))
  const progress: Progress = { step: (_, work) => work(runDone), note: () => undefined }
  return simulateFirst({ ...PLAN, ...plan, variants }, progress, new AbortController().signal, sizes)
}

describe('npx peer-perf compare --engine simulation', () => {
  after(() => rmSync(folder, { recursive: true }))

  it('survives a kill in mid-run, runs nothing twice, and finds that a full mesh needs fewer packets', async () => {
    const killed = compare(
      ...['--engine', 'simulation', '--id', 'mesh', '--blocks', '6'],
      ...['--baseline', 'layers', '--candidate', 'layers?mesh=full'],
      ...['--peers', '6', '--duration', '4', '--warmup', '1', '--secondary', 'delivery.position'],
      // Nothing that virtual time counts before the blocks, which takes a minute of CPU.
      ...['--gate', 'only,latency', '--metric', 'wire.packetsPerMessage']
    )
    const file = join(folder, 'comparisons', 'mesh', 'campaign.json')
    const early = killed.ended.then(({ output }) => assert.fail(output))
    const isSaved = () => existsSync(file) && campaign('mesh').runs.length >= 2
    await Promise.race([early, until('a block is saved', isSaved)])
    early.catch(() => undefined)
    killed.kill('SIGKILL')
    await killed.ended
    const saved = campaign('mesh').runs.map(({ testId }) => testId)
    assert.ok(saved.length < 12, 'it was killed before its end')

    const { code, output } = await compare('--resume', 'mesh').ended
    assert.equal(code, 4, output)
    const { runs } = campaign('mesh')
    assert.deepEqual(
      runs.slice(0, saved.length).map(({ testId }) => testId),
      saved
    )
    assert.equal(new Set(runs.map(({ testId }) => testId)).size, 12)
    assert.equal(runs.length, 12)
    assert.match(output, /Verdict: undecided/)
    const { primary, secondary, blocks } = read('mesh', 'comparison.json') as Comparison
    assert.equal(blocks, 6)
    assert.equal(primary.verdict, 'better', output)
    assert.ok(
      primary.values.candidate.every((packets) => packets < 1.1),
      String(primary.values.candidate)
    )
    assert.deepEqual(secondary[0]!.values.baseline, new Array(6).fill(1))
    assert.match(output, /wire\.packetsPerMessage is better/)
    assert.match(readFileSync(join(folder, 'comparisons', 'mesh', 'comparison.html'), 'utf8'), /<svg/)
  })

  it('simulates as many seeds before the blocks as the difference asks for', async () => {
    const seedsOf = async (candidate: string, sizes: SimulatedSize[]) => {
      const parts = await before(candidate, sizes)
      return parts.map(({ runs, refused }) => {
        assert.equal(refused, null)
        assert.ok(runs.every(({ summary }) => summary!.verdict === 'valid'))
        return runs.length / 2
      })
    }
    assert.deepEqual(await seedsOf('layers', [meshOf(3)]), [8])
    assert.deepEqual(await seedsOf('layers?maxConnections=3', [meshOf(5)]), [10])
    const worse = await writePlanted('http5', folder)
    const sizes = [meshOf(3), meshOf(4, 2)]
    assert.deepEqual(
      await seedsOf(worse, sizes),
      [10, 2],
      'two say nothing, but it is worse with fewer peers'
    )
  })

  describe('and what virtual time cannot run', () => {
    const criteria = parseGate('only,stability')
    const inBrowsers = { criteria, setting: { ...PLAN.setting, engine: 'browser' as const } }
    const sizes = [meshOf(3)]
    const lacking = 'try { new CompressionStream("gzip") } catch {}'
    const builds: [what: string, write: () => Promise<string>, why: RegExp][] = [
      [
        'uses an API that is not simulated',
        () => writeOwn('lacking', lacking),
        /lacking uses CompressionStream, which is not simulated: called by /
      ],
      [
        'uses one in some runs only',
        () => writeOwn('sometimes', `if (Math.random() < 0.5) ${lacking}`),
        /sometimes uses CompressionStream, which is not simulated: called by /
      ],
      [
        'throws while it loads',
        () => writePlanted('throwsatload', folder),
        /throwsatload does not load: Error: planted: throws while loading/
      ]
    ]
    for (const [what, write, why] of builds)
      it(`is left to the browsers if it ${what}, and else ends the comparison`, async () => {
        const build = await write()
        const [part] = await before(build, sizes, inBrowsers)
        assert.match(part!.refused ?? '', why)
        await assert.rejects(before(build, sizes, { criteria }), why)
      })

    it('ends a comparison in virtual time for any other error, too', async () => {
      const fail = () => {
        throw new TypeError('planted')
      }
      await assert.rejects(before('layers', sizes, { criteria }, fail), /planted/)
    })

    it('ends at its first run', async () => {
      const broken = await writePlanted('throwsatload', folder)
      let done = 0
      await before(broken, [meshOf(3, 12)], inBrowsers, () => done++)
      assert.ok(done < 12, `${done} of the baseline's 12 runs`)
    })

    it('is not a build that never connects: it is worse', async () => {
      const [part] = await before(await writePlanted('neverconnects', folder), sizes, inBrowsers)
      assert.equal(part!.refused, null)
      assert.equal(judgeSimulated(sizes[0]!, part!.runs, criteria).verdict, 'worse')
    })

    it('ends a comparison that meets it in its blocks', async () => {
      const build = await writeOwn('lacking', lacking)
      const { code, output } = await compare(
        ...['--engine', 'simulation', '--id', 'lacking', '--baseline', 'layers', '--candidate', build],
        // Nothing that virtual time counts before the blocks.
        ...['--gate', 'only,latency', '--blocks', '4'],
        ...['--peers', '3', '--duration', '2', '--warmup', '1']
      ).ended
      assert.equal(code, 1, output)
      assert.match(output, /lacking uses CompressionStream, which is not simulated: called by /)
    })
  })

  it('ends with the error of a build that throws while it loads', async () => {
    const broken = await writePlanted('throwsatload', folder)
    const args = ['--engine', 'simulation', '--id', 'broken', '--baseline', 'layers', '--candidate', broken]
    const { code, output } = await compare(...args).ended
    assert.equal(code, 1, output)
    assert.match(output, /throwsatload does not load: Error: planted: throws while loading/)
  })

  it('compares existing results, and refuses unlike ones by name', async () => {
    const { runs } = read('mesh', 'comparison.json') as Comparison
    const ids = (build: string, from: number, to: number) =>
      runs
        .filter((run) => run.used && run.build === build)
        .sort((a, b) => a.block! - b.block!)
        .slice(from, to)
        .map(({ testId }) => join(folder, 'comparisons', 'mesh', 'tests', `${testId}.json`))
        .join(',')
    const [all, alike, unlike, forced] = await Promise.all([
      compare(
        ...['--from', ids('baseline', 0, 6), '--to', ids('candidate', 0, 6), '--id', 'all'],
        ...['--gate', 'only,delivery.position']
      ).ended,
      compare('--from', ids('baseline', 0, 3), '--to', ids('candidate', 0, 3), '--id', 'stored').ended,
      compare('--from', ids('baseline', 0, 2), '--to', ids('candidate', 2, 4)).ended,
      compare('--from', ids('baseline', 0, 2), '--to', ids('candidate', 2, 4), '--force').ended
    ])
    assert.equal(all.code, 0, all.output)
    assert.match(all.output, /Verdict: pass/)
    assert.equal(alike.code, 4, alike.output)
    assert.match(alike.output, /Verdict: undecided/)

    assert.equal(unlike.code, 1)
    assert.match(unlike.output, /^ {2}seeds: /m)
    assert.equal(forced.code, 4, forced.output)
    assert.match(forced.output, /Forced: these runs differ in more than the build/)
  })
})
