import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAULTS } from './faults'
import { confusionMatrix, isRight, type Answer } from './matrix'

const fault = (name: string) => FAULTS.find((each) => each.name === name)!
const answers: Answer[] = [
  { fault: fault('none'), verdict: 'pass', worse: [], blocks: 8 },
  { fault: fault('none'), verdict: 'undecided', worse: [], blocks: 24 },
  { fault: fault('loss'), verdict: 'worse', worse: ['delivery', 'latency'], blocks: 8 },
  { fault: fault('cpu'), verdict: 'worse', worse: ['traffic'], blocks: 10 },
  { fault: fault('freeze'), verdict: 'worse', worse: ['cpu'], blocks: 11 }
]

test('the right answer is a right criterion, or no alarm', () =>
  assert.deepEqual(answers.map(isRight), [true, true, true, false, true]))

test('the matrix counts verdicts and criteria of each fault', () => {
  const lines = confusionMatrix(answers).split('\n').slice(2)
  assert.match(lines[0]!, /^\| none \| .* \| not worse \| 1 \| 0 \| 1 \| – \| 2 of 2 \| 8–24 \|$/)
  assert.match(lines[1]!, /\| delivery \| 0 \| 1 \| 0 \| delivery 1, latency 1 \| 1 of 1 \| 8 \|$/)
  assert.match(lines[2]!, /\| cpu \| 0 \| 1 \| 0 \| traffic 1 \| 0 of 1 \| 10 \|$/)
  assert.match(lines[3]!, /\| latency or cpu \| 0 \| 1 \| 0 \| cpu 1 \| 1 of 1 \| 11 \|$/)
})
