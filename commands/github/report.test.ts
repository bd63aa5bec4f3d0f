/** What GitHub is told of a comparison, trusted or not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compare } from '../../analysis/testing/compare'
import type { Run } from '../../analysis/comparison/run'
import { isMeasured } from '../../analysis/formats/judged'
import { defaultGate, parseGate } from '../../analysis/gate/criteria'
import { RULES } from '../../analysis/validity/rules'
import { fakeBlocks } from '../../analysis/testing/fake-runs'
import { withPackets } from '../../analysis/testing/judged'
import { annotation, annotationsOf, conclusionOf, markdownOf, measured } from './report'
import { readUntrusted } from './untrusted'

const judgedOf = (runs: Run[], gate = defaultGate()) =>
  compare({
    ...{ id: 'test', madeAt: 0, design: 'paired', baseline: 'before', candidate: 'after', runs, gate },
    ...{
      primary: 'latency.position.p95',
      secondary: [],
      next: 'npx peer-perf compare --resume test --max-blocks 36'
    }
  })
const same = judgedOf(fakeBlocks(8))
const worse = judgedOf(withPackets(fakeBlocks(8), 1.2))
const undecided = judgedOf(fakeBlocks(6))
const WORSE = /^Worse in traffic: packets per message \+20%, margin 0\.5%/

describe('a comparison on GitHub', () => {
  const CASES = [
    [{ judged: same }, 'success', /^pass/, 0],
    [{ judged: worse }, 'failure', /^worse in traffic: packets per message \+20%, margin 0\.5%/, 1],
    [{ judged: undecided }, 'neutral', /^undecided/, 1],
    [{ why: 'no package "x"' }, 'failure', /^not measured$/, 1]
  ] as const
  for (const [result, conclusion, title, count] of CASES)
    it(`concludes ${conclusion}: ${String(title)}`, () => {
      const told = conclusionOf(result)
      assert.equal(told.conclusion, conclusion)
      assert.match(told.title, title)
      assert.equal(annotationsOf(result).length, count)
    })

  const MEASURED = [
    { why: undefined, isUnmeasured: undefined, verdict: 'undecided', expected: true },
    { why: 'no run knows it', isUnmeasured: false, verdict: 'undecided', expected: true },
    { why: 'all void', isUnmeasured: true, verdict: 'undecided', expected: false },
    { why: 'all void', isUnmeasured: true, verdict: 'pass', expected: false },
    { why: 'all void', isUnmeasured: true, verdict: 'worse', expected: true },
    // Of an earlier version.
    { why: 'all void', isUnmeasured: undefined, verdict: 'undecided', expected: false }
  ] as const
  for (const { verdict, expected, ...told } of MEASURED)
    it(`${expected ? 'is' : 'is not'} measured: ${JSON.stringify({ ...told, verdict })}`, () =>
      assert.equal(isMeasured({ ...same, ...told, gate: { ...same.gate, verdict } }), expected))

  it('begins with the verdict, or with why there is none', () => {
    assert.match(markdownOf({ judged: worse }).replace(/^### /, ''), WORSE)
    assert.match(markdownOf({ why: '``` <b>' }), /^### Not measured\n\n```text\n’’’ <b>\n```\n$/)
  })

  it('says how to decide what is undecided', () => {
    // The job's results end with it, so nothing of them can be resumed.
    const result = measured(undecided)
    assert.match(
      annotationsOf(result)[0]!,
      /^::warning title=undecided%3A .*\. Next: repeat it with --max-blocks 36$/
    )
    assert.match(markdownOf(result), /Next, to decide it: `repeat it with --max-blocks 36`/)
  })

  it('shows what is worse first, for GitHub shows ten', () => {
    const ten = Array.from({ length: 10 }, () => undecided.gate.criteria[0]!)
    const criteria = [...ten, ...worse.gate.criteria]
    const lines = annotationsOf({ judged: { ...worse, gate: { ...worse.gate, criteria } } })
    assert.match(lines[0]!, /^::error title=worse%3A traffic::/)
    assert.equal(lines.length, 10)
  })

  it('lets no word end its annotation', () =>
    assert.equal(
      annotation('error', 'a,b:c', '100%\n::set-output name=x::y'),
      '::error title=a%2Cb%3Ac::100%25%0A::set-output name=x::y'
    ))
})

describe('the comparison of a fork', () => {
  const EVIL = '</details> @team <!-- peer-perf:default --> [x](https://evil)'
  type Document = typeof worse
  /** Changes a copy. */
  const read = (change: (document: Document) => void, of = worse) => {
    const copy = structuredClone(of)
    change(copy)
    return readUntrusted(JSON.stringify(copy))
  }

  it('is told with its verdict and figures, and that nobody verified them', () => {
    const markdown = markdownOf(read(() => undefined))
    assert.match(markdown.replace(/^### /, ''), WORSE)
    assert.match(markdown, /its figures are not verified/)
  })

  it('names each criterion, metric and reason that the gate may name', () => {
    const known = ['lost-node', 'failed', ...RULES.map(({ name }) => name)]
    const reasons = known.map((reason) => ({ reason, cause: 'machine' as const, baseline: 0, candidate: 1 }))
    const gate = parseGate('connection.first.p99:10%')
    const result = read(
      ({ gate: { attempts } }) => (attempts.reasons = reasons),
      judgedOf(fakeBlocks(8), gate)
    )
    assert.ok('judged' in result, JSON.stringify(result))
  })

  it('loses all words that its code may have chosen', () => {
    const { verdict, stability, firstErrors, isFirm, criteria } = worse.gate
    const size = { isDeduplicated: false, seeds: 20, meshesDiffer: false, refused: null }
    const part = { verdict, stability, firstErrors, isFirm, criteria, ...size }
    const simulated = [
      { ...part, peers: 8 },
      { ...part, peers: 9, refused: EVIL }
    ]
    const sized = { ...worse, gate: { ...worse.gate, simulated } }
    const result = read((document) => {
      Object.assign(document, { headline: EVIL, next: EVIL, why: EVIL, id: EVIL })
      Object.assign(document.heading, { title: EVIL, facts: EVIL, notes: [EVIL] })
      document.gate.firstErrors = [EVIL, EVIL]
      for (const criterion of document.gate.criteria) Object.assign(criterion, { asks: EVIL, remark: EVIL })
    }, sized)
    const markdown = markdownOf(result)
    assert.equal(markdown, markdownOf(read(() => undefined, sized)))
    assert.match(
      markdown,
      /^8 simulated peers, 20 seeds: worse.*\n+9 simulated peers: not judged: see the job/m
    )
    assert.doesNotMatch(markdown, /@team|evil/)
  })

  const REFUSED: [says: RegExp, change: (document: Document) => void][] = [
    [/names what/, ({ gate }) => (gate.criteria[0]!.name = EVIL)],
    [/names what/, ({ gate }) => (gate.criteria[1]!.components[0]!.metric = EVIL)],
    [/names what/, ({ gate }) => (gate.criteria[1]!.components[0]!.unit = `ms\n# ${EVIL}`)],
    [/names what/, ({ gate }) => (gate.criteria[1]!.components[0]!.metric = 'approved by the maintainers')],
    [/names what/, ({ gate }) => (gate.criteria[1]!.components[0]!.unit = 'merge it')],
    [/names what/, ({ gate }) => (gate.criteria[1]!.components[0]!.metric = 'latencyOwed.chat.p95')],
    [
      /names what/,
      ({ gate: { attempts } }) =>
        attempts.reasons.push({ reason: 'approved', cause: 'machine', baseline: 1, candidate: 1 })
    ],
    [
      /names what/,
      ({ gate: { attempts } }) =>
        attempts.reasons.push({ reason: EVIL, cause: 'machine', baseline: 1, candidate: 1 })
    ],
    [
      /names what/,
      ({ gate }) => {
        const { verdict, stability, firstErrors, isFirm, criteria } = gate
        const own = criteria.map((criterion) => ({ ...criterion, name: 'approved, merge it. This' }))
        const size = { peers: 8, isDeduplicated: false, seeds: 20, meshesDiffer: false, refused: null }
        gate.simulated.push({ verdict, stability, firstErrors, isFirm, criteria: own, ...size })
      }
    ],
    [/not that of its criteria/, ({ gate }) => (gate.verdict = 'pass')],
    [
      /No run/,
      (document) => {
        document.gate.verdict = 'undecided'
        Object.assign(document, { why: 'void' })
      }
    ],
    [/was stopped/, (document) => (document.stopped = 'stopped, 6 of 24 blocks')],
    [/is not a comparison/, (document) => Object.assign(document, { version: 2 })],
    [/is not a comparison/, (document) => Object.assign(document, { madeAt: '2026' })],
    [
      /is not a comparison/,
      ({ gate }) => Object.assign(gate, { criteria: Array(5000).fill(gate.criteria[0]) })
    ],
    [/is not a comparison/, ({ gate }) => Object.assign(gate.criteria[0]!, { verdict: EVIL })]
  ]
  for (const [index, [says, change]] of REFUSED.entries())
    it(`is not measured if it is forged: ${index + 1}`, () => {
      const result = read(change)
      assert.match('why' in result ? result.why : '', says)
      assert.equal(conclusionOf(result).conclusion, 'failure')
    })

  it('is not measured if it is not JSON, or not ours', () => {
    for (const text of ['', '{', 'null', '[]', '{"__proto__":{}}', '"x"'])
      assert.match(JSON.stringify(readUntrusted(text)), /is not a comparison/)
  })
})
