import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf, type Ending } from './exit-code'

const summary = (verdict: 'valid' | 'void', ...passed: boolean[]): Ending['summary'] => ({
  verdict,
  thresholds: passed.map((each) => ({ expression: '', metric: '', value: 1, passed: each }))
})

const cases: { says: string; ending: Ending; code: number }[] = [
  { says: 'nothing wrong', ending: {}, code: 0 },
  { says: 'valid, all thresholds passed', ending: { summary: summary('valid', true, true) }, code: 0 },
  { says: 'valid, one threshold missed', ending: { summary: summary('valid', true, false) }, code: 2 },
  { says: 'void', ending: { summary: summary('void', true) }, code: 3 },
  { says: 'void: a missed threshold says nothing', ending: { summary: summary('void', false) }, code: 3 },
  { says: 'failed', ending: { failed: true }, code: 1 },
  { says: 'failed and void: failed', ending: { failed: true, summary: summary('void') }, code: 1 },
  { says: 'gate passed', ending: { gate: { verdict: 'pass' } }, code: 0 },
  { says: 'gate: worse', ending: { gate: { verdict: 'worse' }, allowUndecided: true }, code: 2 },
  { says: 'gate: undecided', ending: { gate: { verdict: 'undecided' } }, code: 4 },
  {
    says: 'no usable run',
    ending: { gate: { verdict: 'undecided' }, isUnmeasured: true, allowUndecided: true },
    code: 3
  },
  { says: 'no usable run, but worse', ending: { gate: { verdict: 'worse' }, isUnmeasured: true }, code: 2 },
  { says: 'undecided, allowed', ending: { gate: { verdict: 'undecided' }, allowUndecided: true }, code: 0 },
  { says: 'stopped before its end', ending: { failed: true, gate: { verdict: 'worse' } }, code: 1 }
]
for (const { says, ending, code } of cases) {
  test(`${says} => ${code}`, () => assert.equal(exitCodeOf(ending), code))
}
