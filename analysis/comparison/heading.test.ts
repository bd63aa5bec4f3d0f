import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeBlocks } from '../testing/fake-runs'
import { headingOf, namesOf, SAME_BUILD, type Subject } from './heading'
import type { Run } from './run'

/** One block of one build. */
const runsOf = (change: (run: Run) => void = () => undefined): Run[] => {
  const runs = fakeBlocks(1, () => ({ library: { integrity: 'sha512-abc' } }))
  runs.forEach(change)
  return runs
}
/** Virtual time has no runners, which would name the network. */
const simulatedOn = (...networks: [string, string]) =>
  runsOf(({ summary, variant }) => {
    Object.assign(summary!.provenance, { engine: 'simulation', runners: [], network: networks[variant] })
  })
const withoutResults = runsOf(({ summary }) => (summary!.provenance.libraries = []))
const onNetworks = runsOf(({ summary, variant }) => {
  summary!.provenance.runners[0]!.network = variant === 0 ? 'home' : '3g'
})

describe('A heading', () => {
  const table: { what: string; isSame: boolean; subject: Pick<Subject, 'runs'> & Partial<Subject> }[] = [
    { what: 'one build', isSame: true, subject: { runs: runsOf() } },
    { what: 'what differs on purpose', isSame: false, subject: { runs: runsOf(), declared: ['network'] } },
    { what: 'one build on two networks', isSame: false, subject: { runs: onNetworks } },
    { what: 'builds without results', isSame: false, subject: { runs: withoutResults } },
    { what: 'simulated results of one', isSame: true, subject: { runs: simulatedOn('home', 'home') } },
    { what: 'simulated results of two', isSame: false, subject: { runs: simulatedOn('home', '3g') } }
  ]
  for (const { what, isSame, subject } of table) {
    it(`${isSame ? 'calls' : 'does not call'} ${what} the same`, () => {
      const { notes } = headingOf({ madeAt: 0, baseline: 'a', candidate: 'b', ...subject })
      assert.deepEqual(notes, isSame ? [SAME_BUILD] : [])
    })
  }
})

for (const [commits, note] of [
  [['a1', 'a1'], []],
  [['a1', undefined], ['Different versions of the suite measured the sides: a1 / unknown']],
  [['a1', 'b2'], ['Different versions of the suite measured the sides: a1 / b2']]
] as const)
  it(`Sides that ${commits.join(' and ')} measured are told apart if they differ`, () => {
    const runs = runsOf(({ summary, variant }) => {
      summary!.provenance.runners[0]!.suiteCommit = commits[variant]
    })
    const simulated = runsOf(({ summary, variant }) => {
      const { provenance } = summary!
      Object.assign(provenance, { engine: 'simulation', runners: [], suiteCommit: commits[variant] })
    })
    for (const measured of [runs, simulated]) {
      const { notes } = headingOf({ madeAt: 0, baseline: 'a', candidate: 'b', runs: measured })
      assert.deepEqual(notes, [SAME_BUILD, ...note])
    }
  })

it('A block that is resumed after an upgrade does not tell the sides apart', () => {
  const runs = fakeBlocks(2)
  for (const { summary, block } of runs) summary!.provenance.runners[0]!.suiteCommit = `commit-${block}`
  assert.deepEqual(headingOf({ madeAt: 0, baseline: 'a', candidate: 'b', runs }).notes, [])
})

for (const [results, name] of [
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd'], '4 results, a to d']
] as const)
  it(`The title names ${results.length} picked results as "${name}"`, () =>
    assert.equal(namesOf(results), name))
