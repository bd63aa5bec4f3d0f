/** What moved a metric, and the line that the changes add up to. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Gate } from '../gate/gate'
import type { ComponentResult } from '../gate/result'
import { lineOf, trackedOf, trackedSchema } from './track'

const FACTS = { parent: 'p', subject: 's', committedAt: 1, madeAt: 2, comparison: 'id' }
const COUNTED: ComponentResult = {
  ...{ metric: 'wire.packetsPerMessage', unit: 'count', scale: 'ratio', direction: 'lower is better' },
  ...{ margin: 0.005, verdict: 'holds', isBetter: false, baseline: 2, candidate: 2, estimate: 1 },
  ...{ limit: 1, spread: 0, count: 8 }
}
const TIMED = { metric: 'machine.cpuMsPerDelivered', unit: 'ms', estimate: 1.04, spread: 0.02 }

function tracked(commit: string, component: Partial<ComponentResult>, engine: Gate['engine']) {
  const components = [{ ...COUNTED, ...component }]
  const criterion = { name: 'traffic', asks: '', verdict: 'holds', margin: 0.005, worseP: 1, remark: null }
  const gate = { verdict: 'pass', engine, criteria: [{ ...criterion, components }], simulated: [] }
  return trackedOf({ ...FACTS, commit }, gate as unknown as Gate)
}

describe('a commit', () => {
  const MOVES: [says: string, component: Partial<ComponentResult>, engine: Gate['engine'], moved: unknown][] =
    [
      ['moves no count that is equal for each seed', {}, 'simulation', null],
      ['moves a count by the least difference', { estimate: 1.0001 }, 'simulation', 'worse'],
      ['moves a count down', { estimate: 0.9999 }, 'simulation', 'better'],
      ['moves a count of a few seeds only', { spread: 0.001 }, 'simulation', 'changed'],
      ['moves a count in browsers only if the gate says so', { estimate: 1.0001 }, 'browser', null],
      ['moves no time within the noise', TIMED, 'browser', null],
      ['moves a time that the gate calls worse', { ...TIMED, verdict: 'worse' }, 'browser', 'worse'],
      ['moves a time that the gate calls better', { ...TIMED, isBetter: true }, 'browser', 'better'],
      ['moves nothing that is unknown', { estimate: null, spread: null }, 'simulation', null],
      ['moves what is never reached any more', { estimate: 'never' }, 'simulation', 'worse']
    ]
  for (const [says, component, engine, moved] of MOVES)
    it(says, () => {
      const one = tracked('a', component, engine)
      assert.equal(one.metrics[0]!.moved, moved)
      assert.deepEqual(trackedSchema.parse(JSON.parse(JSON.stringify(one))), one)
    })
})

describe('the line of a metric', () => {
  it('adds up the changes of each commit against its parent', () => {
    const commits = [1, 1.5, 2].map((estimate, index) =>
      tracked(String(index), { estimate, candidate: 10 }, 'simulation')
    )
    const line = lineOf(commits, 'wire.packetsPerMessage')
    assert.deepEqual(
      line.map(({ level, moved, change }) => [level, moved, change]),
      [
        [1, '', '0%'],
        [1.5, 'worse', '+50%'],
        [3, 'worse', '× 2']
      ]
    )
    assert.deepEqual(lineOf(commits, 'delivery.all'), [])
  })

  it('has no level where a change is unknown, or never ends', () => {
    const commits = ([2, 'never', null, 1] as const).map((estimate, index) =>
      tracked(String(index), { estimate, candidate: 10 }, 'simulation')
    )
    const levels = lineOf(commits, 'wire.packetsPerMessage').map(({ level }) => level)
    assert.deepEqual(levels, [2, null, null, 2])
  })
})
