import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Ajv from 'ajv'
import Ajv2020 from 'ajv/dist/2020'
import * as fc from 'fast-check'
import { parse } from 'junit2json'
import { z } from 'zod'
import { conclude } from '../comparison/comparison'
import type { Run } from '../comparison/run'
import { fakeBlocks, type FakeRunOptions } from '../testing/fake-runs'
import { withCandidate, withPackets } from '../testing/judged'
import { lackingIn, WRITERS } from './formats'
import { judgedSchema, readJudged, type Judged, type Part } from './judged'

const judgedOf = (
  runs: Run[],
  more: Partial<Judged> = {},
  { force = false, primary = 'latency.position.p95' } = {}
): Judged => ({
  ...conclude({
    ...{ id: 'test', madeAt: 0, design: 'paired', baseline: 'before', candidate: 'after', runs },
    ...{ primary, secondary: ['wire.packetsPerMessage'], margin: 0.03 },
    ...{ stopped: more.stopped ?? null, force }
  }),
  ...more
})
const partOf = (judged: Judged, name = ''): Part => ({ name, judged, trouble: null })
/** As a reader of `comparison.json` gets it. */
const stored = (judged: Judged) => readJudged(JSON.stringify(judged))

const same = judgedOf(fakeBlocks(8))
const worse = judgedOf(withPackets(fakeBlocks(8), 1.2))
const undecided = judgedOf(fakeBlocks(6), { next: 'npx peer-perf compare --resume test --max-blocks 12' })
const stopped = judgedOf(fakeBlocks(6), { stopped: 'stopped, 6 of 24 blocks' })
/** All that it had run holds. */
const stoppedEarly = judgedOf(fakeBlocks(8), { stopped: 'stopped, 8 of 12 blocks' })
const unmeasured = judgedOf(fakeBlocks(6, () => ({ failures: ['it crashed'] })))
/** Passes, but the metric to explore is unknown. */
const unexplored = judgedOf(fakeBlocks(8), {}, { primary: 'outages.recovery.p95' })

describe('Markdown', () => {
  const markdown = (judged: Judged) => WRITERS.markdown([partOf(stored(judged))])

  it('never passes what was stopped', () => assert.match(markdown(stoppedEarly), /^### Undecided/))

  it('begins with the verdict, its metric, size and margin', () => {
    assert.match(markdown(worse), /^### Worse in traffic: packets per message \+20%, margin 0\.5%/)
    assert.match(markdown(same), /^### Pass/)
  })

  it('says how to decide it, or why nothing was compared', () => {
    assert.match(markdown(undecided), /^### Undecided.*Next, to decide it: `npx peer-perf compare --resume/s)
    assert.match(markdown(unmeasured), /There is no complete block to compare/)
    assert.match(markdown(unmeasured), /\| failed \| build or machine \| 6 \| 6 \|/)
  })

  it('says which differences were forced, without markup', () => {
    const runs = withCandidate(fakeBlocks(6), ({ provenance }) => {
      provenance.runners[0]!.browser = 'Chrome/157 <img>'
    })
    const text = markdown(judgedOf(runs, {}, { force: true }))
    assert.match(text, /\n\nForced: .*\n\nbrowser: .* \/ Chrome\/157 \\<img\\>/)
  })

  it('lets no word of a build become markup, a link or a mention', () => {
    const evil =
      '</details><img src=x> @team `x` | [a](https://evil) www.evil.org\n# Pass ![b](c) #1 o/r#2 GH-3'
    const runs = withCandidate(fakeBlocks(8), ({ errors }) => {
      Object.assign(errors, { uncaught: 3, first: [evil] })
    })
    const text = markdown(
      judgedOf(runs, { heading: { title: evil, facts: evil, notes: [evil] }, next: evil })
    )
    for (const markup of [/[^\\]<img/, /@team/, /[^\\]\[a/, /https:\/\//, /www\.evil/, /^# /m, /#\d/, /GH-/])
      assert.doesNotMatch(text.replaceAll(/`[^`\n]*`/g, ''), markup)
    assert.equal(text.match(/^<\/details>/gm)?.length, 1)
  })

  it('fits into a comment', () => {
    const remark = 'x'.repeat(500)
    const criteria = Array.from({ length: 300 }, () => ({ ...same.gate.criteria[0]!, remark }))
    const long = markdown({ ...same, gate: { ...same.gate, criteria } })
    const noted = markdown({
      ...same,
      heading: { ...same.heading, notes: Array(200).fill(remark) as string[] }
    })
    for (const text of [long, noted]) assert.ok(text.length < 65_536, String(text.length))
  })
})

describe('JUnit', () => {
  const suitesOf = async (...parts: Part[]) => {
    const result = await parse(WRITERS.junit(parts))
    assert.ok(result && 'testsuite' in result)
    return result.testsuite!
  }
  const kindsOf = async (judged: Judged) => {
    const [suite] = await suitesOf(partOf(stored(judged)))
    const cases = suite!.testcase!
    const count = (kind: 'failure' | 'error' | 'skipped') => cases.filter((each) => each[kind]).length
    const counts = { failure: count('failure'), error: count('error'), skipped: count('skipped') }
    const { failures, errors, skipped, tests } = suite!
    assert.deepEqual({ failure: failures, error: errors, skipped }, counts)
    assert.deepEqual([tests, cases.length], [7, 7])
    return { ...counts, first: cases.find((each) => each.failure ?? each.error ?? each.skipped) }
  }

  it('has a test case for each criterion, none of which fails if the gate passes', async () =>
    assert.deepEqual(await kindsOf(same), { failure: 0, error: 0, skipped: 0, first: undefined }))

  it('calls worse a failure', async () => {
    const { failure, first } = await kindsOf(worse)
    assert.equal(failure, 1)
    assert.match(first!.failure![0]!.message!, /packets per message \+20%, margin 0\.5%/)
    assert.match(first!.failure![0]!.inner!, /wire\.packetsPerMessage: worse, .* → .*, \+20%/)
  })

  const NEXT: [plan: string, next: string, says: RegExp][] = [
    ['most blocks', '--resume test --max-blocks 12', /Next: repeat it with --max-blocks 12"/],
    ['a busy machine', '--resume test', /Next: repeat it on a machine that is free"/],
    ['fixed blocks', '--max-blocks 24', /Next: repeat it with --max-blocks 24 instead of --blocks"/]
  ]
  for (const [plan, next, says] of NEXT)
    it(`skips what is undecided, with what decides a plan of ${plan}`, async () => {
      const { skipped, first } = await kindsOf({ ...undecided, next: `npx peer-perf compare ${next}` })
      assert.equal(skipped, 1)
      assert.match(JSON.stringify(first!.skipped), says)
    })

  it('calls an error what was stopped, failed or void', async () => {
    assert.equal((await kindsOf(stopped)).error, 1)
    const [early] = await suitesOf(partOf(stoppedEarly))
    assert.equal(early!.errors, 1)
    const failed = await kindsOf(unmeasured)
    assert.equal(failed.error, 7)
    assert.match(failed.first!.error![0]!.message!, /There is no complete block/)
    const [suite] = await suitesOf({ name: '', judged: null, trouble: 'Error: no browser' })
    assert.match(suite!.testcase![0]!.error![0]!.message!, /no browser/)
  })

  it('calls no error what only lacks the metric to explore', async () =>
    assert.deepEqual(await kindsOf(unexplored), { failure: 0, error: 0, skipped: 0, first: undefined }))

  it('has a suite for each network', async () => {
    const suites = await suitesOf(partOf(same, 'home'), partOf(worse, '4g'))
    assert.deepEqual(
      suites.map(({ name }) => name!.split(':')[0]),
      ['home', '4g']
    )
  })

  const inSimulation = structuredClone(worse)
  for (const { components } of inSimulation.gate.criteria)
    for (const each of components) each.verdict = 'not judged'
  inSimulation.gate.simulated.push({
    ...structuredClone(worse.gate),
    ...{ peers: 30, isDeduplicated: false, seeds: 20, meshesDiffer: true, refused: null }
  })
  const virtual = structuredClone(same)
  virtual.gate.criteria[0]!.verdict = 'not judged'
  const cut = structuredClone(same)
  cut.gate.verdict = 'undecided'
  cut.heading.notes.push('It ended early: this machine is busy')
  const TOLD: [what: string, part: Part, says: RegExp][] = [
    ['worse', partOf(worse), /^packets per message \+20%, margin 0\.5%\nwire\./],
    ['worse in a simulated mesh', partOf(inSimulation), /^packets per message .* \(30 simulated peers\)\n/],
    ['undecided', partOf(undecided), /^undecided: .*\. Next: repeat it with --max-blocks 12$/],
    ['not judged', partOf(virtual), /^not judged: these runs cannot show it$/],
    ['cut short', partOf(cut), /^undecided\. It ended early: this machine is busy$/],
    ['stopped', partOf(stopped), /^It was stopped, 6 of 24 blocks$/],
    ['unmeasured', partOf(unmeasured), /^There is no complete block/],
    ['without a comparison', { name: '', judged: null, trouble: 'Error: no browser' }, /^Error: no browser$/]
  ]
  for (const [what, part, says] of TOLD)
    it(`says in the content what the message says, which GitLab does not show: ${what}`, () => {
      const [, message, content] =
        /<(?:failure|error|skipped) type="[^"]*" message="([^"]*)">([^<]*)</.exec(WRITERS.junit([part])) ?? []
      assert.match(content!, says)
      assert.equal(content!.split('\n')[0], message)
    })

  it('tells the cases of networks apart by their class, as GitLab does', async () => {
    const suites = await suitesOf(partOf(same, 'home'), partOf(same, '4g'), partOf(same))
    assert.deepEqual(
      suites.map(({ testcase }) => testcase![0]!.classname),
      ['peer-perf.compare.home', 'peer-perf.compare.4g', 'peer-perf.compare']
    )
  })

  it('is XML whatever a build says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(0xffff)), async (codes) => {
        const title = String.fromCharCode(...codes)
        const heading = { ...same.heading, title: `${title} against b` }
        const [suite] = await suitesOf(partOf({ ...same, heading, headline: title }))
        assert.equal(suite!.testcase!.length, 7)
      }),
      { numRuns: 50 }
    )
  })
})

describe('comparison.json', () => {
  it('is as its JSON schema says, compared or not', () => {
    const isValid = new Ajv2020().compile(z.toJSONSchema(judgedSchema, { io: 'input' }))
    for (const judged of [same, worse, undecided, stopped, unmeasured, unexplored])
      assert.ok(isValid(JSON.parse(JSON.stringify(judged))), JSON.stringify(isValid.errors))
  })

  it('is refused by the field at fault', () => {
    const gate = { ...same.gate, criteria: [{ ...same.gate.criteria[0], verdict: 'great' }] }
    assert.throws(() => stored({ ...same, gate } as Judged), /^Error: gate\.criteria\.0\.verdict: /)
    assert.throws(() => stored({ ...same, version: 2 as 3 }), /^Error: version: /)
    assert.throws(() => readJudged('<html>'), /^Error: it is not JSON$/)
  })
})

describe('Figures for other tools', () => {
  /** What the `custom…IsBetter` tools of github-action-benchmark accept. */
  const benches = z.array(
    z.object({ name: z.string(), unit: z.string(), value: z.number(), extra: z.string() }).strict()
  )
  /** As Bencher publishes it. */
  const measure = {
    type: 'object',
    properties: Object.fromEntries(
      ['value', 'lower_value', 'upper_value'].map((name) => [name, { type: 'number' }])
    ),
    required: ['value'],
    additionalProperties: false
  }
  const isBmf = new Ajv().compile<Record<string, Record<string, Record<string, number>>>>({
    type: 'object',
    minProperties: 1,
    additionalProperties: { type: 'object', minProperties: 1, additionalProperties: measure }
  })
  const parsed = (format: 'bmf' | 'benchmark-json', ...parts: Part[]): unknown =>
    JSON.parse(WRITERS[format](parts))

  it('are all smaller if better, for benchmark-action', () => {
    const found = benches.parse(parsed('benchmark-json', partOf(stored(worse))))
    const valueOf = (name: string) => found.find((each) => each.name === name)!.value
    assert.equal(valueOf('1 − delivery.position'), 0)
    assert.ok(valueOf('wire.packetsPerMessage') > 1)
    const extras = found.map(({ extra }) => extra).join('\n')
    assert.match(extras, /^wire\.packetsPerMessage, candidate ÷ baseline: 1\.2/m)
    assert.match(extras, /^delivery\.position, candidate − baseline: 0$/m)
    assert.equal(new Set(found.map(({ name }) => name)).size, found.length)
  })

  it('have the bounds that the runs give them, for Bencher', () => {
    const found = parsed('bmf', partOf(stored(worse)))
    assert.ok(isBmf(found), JSON.stringify(isBmf.errors))
    const { value, lower_value, upper_value } = found['wire.packetsPerMessage']!.change!
    assert.ok(lower_value! <= value! && value! <= upper_value! && Math.abs(value! - 1.2) < 1e-9)
    assert.ok(
      !('upper_value' in found['delivery.profile']!.change!),
      'only the gate judges it, for the worse'
    )
  })

  it('say which network they are of, and what has no number', () => {
    const lost: FakeRunOptions = { loss: 1 }
    const runs = fakeBlocks(8, (_, variant) => (variant === 1 ? lost : {}))
    const parts = [partOf(stored(same), 'home'), partOf(stored(judgedOf(runs)), '4g')]
    const found = parsed('bmf', ...parts)
    assert.ok(isBmf(found))
    assert.ok('home: delivery.position' in found)
    const lacking = lackingIn('bmf', parts)
    assert.ok(lacking.includes('4g: latencyOwed.position.p95 has no number: bmf leaves it out'))
    assert.ok(lacking.every((line) => !Object.hasOwn(found, line.split(' has no')[0]!)))
    assert.deepEqual(lackingIn('junit', parts), [])
  })

  it('leave out 1 ÷ 0, and say so', () => {
    const silent = withCandidate(fakeBlocks(8), ({ received }) => {
      received.chat = 0
    })
    const parts = [partOf(stored(judgedOf(silent, {}, { primary: 'received.chat' })))]
    const names = benches.parse(parsed('benchmark-json', ...parts)).map(({ name }) => name)
    assert.ok(!names.includes('1 ÷ received.chat'))
    assert.ok(isBmf(parsed('bmf', ...parts)), JSON.stringify(isBmf.errors))
    const lacking = (format: 'bmf' | 'benchmark-json') =>
      lackingIn(format, parts).map((line) => line.split(' has no number')[0])
    assert.deepEqual(lacking('benchmark-json'), [...lacking('bmf'), '1 ÷ received.chat'])
  })
})
