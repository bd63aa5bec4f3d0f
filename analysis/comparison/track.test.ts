/** What moved a metric, and the line that the changes add up to. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ComponentResult, Gate } from '../gate/result'
import { lineOf, trackedOf, trackedSchema, type Tracked } from './track'

const FACTS = { parent: 'p', subject: 's', package: '', committedAt: 1, madeAt: 2, comparison: 'id' }
const COUNTED: ComponentResult = {
  ...{ metric: 'wire.packetsPerMessage', unit: 'count', scale: 'ratio', direction: 'lower is better' },
  ...{ margin: 0.005, verdict: 'holds', isBetter: false, baseline: 2, candidate: 2, estimate: 1 },
  ...{ limit: 1, spread: 0, count: 8 }
}
const TIMED = { metric: 'machine.cpuMsPerDelivered', unit: 'ms', estimate: 1.04, spread: 0.02 }

function tracked(
  commit: string,
  component: Partial<ComponentResult>,
  engine: Gate['engine'],
  facts: Partial<Tracked> = {}
) {
  const components = [{ ...COUNTED, ...component }]
  const criterion = { name: 'traffic', asks: '', verdict: 'holds', margin: 0.005, worseP: 1, remark: null }
  const gate = { verdict: 'pass', engine, criteria: [{ ...criterion, components }], simulated: [] }
  return trackedOf({ ...FACTS, commit, ...facts }, gate as unknown as Gate)
}

describe('a commit', () => {
  const MOVES: [says: string, component: Partial<ComponentResult>, engine: Gate['engine'], moved: unknown][] =
    [
      ['moves no count that is equal for each seed', {}, 'simulation', null],
      ['moves a count by the least difference', { estimate: 1.0001 }, 'simulation', 'worse'],
      ['moves a count down', { estimate: 0.9999 }, 'simulation', 'better'],
      [
        'moves a count up and down by chance',
        { estimate: 1.01, spread: 0.03, worseP: 1 },
        'simulation',
        'changed'
      ],
      [
        'moves a count of nearly all seeds up',
        { estimate: 1.01, spread: 0.03, worseP: 0.01 },
        'simulation',
        'worse'
      ],
      ['moves a count of a few seeds only', { spread: 0.001 }, 'simulation', 'changed'],
      ['moves a count in browsers only if the gate says so', { estimate: 1.0001 }, 'browser', null],
      ['moves no time within the noise', TIMED, 'browser', null],
      ['moves a time that the gate calls worse', { ...TIMED, verdict: 'worse' }, 'browser', 'worse'],
      ['moves a time that the gate calls better', { ...TIMED, isBetter: true }, 'browser', 'better'],
      ['moves nothing that is unknown', { estimate: null, baseline: null }, 'simulation', null],
      ['moves nothing that has become unknown', { estimate: null, candidate: null }, 'simulation', null],
      [
        'moves a share by its difference',
        { scale: 'difference', direction: 'higher is better', estimate: -0.01 },
        'simulation',
        'worse'
      ],
      [
        'moves a count from 0, which has no ratio',
        { estimate: null, baseline: 0, candidate: 4 },
        'simulation',
        'worse'
      ],
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

  it('adds differences, and says what is not reached', () => {
    const commits = ([0.5, 'never'] as const).map((estimate, index) =>
      tracked(String(index), { scale: 'difference', estimate, candidate: estimate }, 'simulation')
    )
    assert.deepEqual(
      lineOf(commits, 'wire.packetsPerMessage').map(({ value, level }) => [value, level]),
      [
        ['0.5', 0.5],
        ['not reached', null]
      ]
    )
  })

  it('has no level where a change is unknown, or never ends', () => {
    const commits = ([2, 'never', null, 1] as const).map((estimate, index) =>
      tracked(String(index), { estimate, candidate: 10 }, 'simulation')
    )
    const levels = lineOf(commits, 'wire.packetsPerMessage').map(({ level }) => level)
    assert.deepEqual(levels, [2, null, null, 2])
  })

  it('has no level where the parent never reached it', () => {
    const commits = [
      tracked('a', { estimate: 2 }, 'simulation'),
      tracked('b', { estimate: 0, baseline: 'never', candidate: 10 }, 'simulation'),
      tracked('d', { estimate: 1 }, 'simulation')
    ]
    assert.deepEqual(
      lineOf(commits, 'wire.packetsPerMessage').map(({ level, change }) => [level, change]),
      [
        [2, '× 2'],
        [null, '–'],
        [2, '0%']
      ]
    )
  })

  /** Commits a, b, c, …, each with its parent and the change of 10%. */
  const at = (commit: string, engine: Gate['engine'] = 'simulation', estimate = 1.1) =>
    tracked(commit, { estimate }, engine, {
      parent: String.fromCharCode(commit.charCodeAt(0) - 1),
      committedAt: commit.charCodeAt(0)
    })
  const dated = (commit: string, committedAt: number, facts: Partial<Tracked> = {}) => ({
    ...at(commit),
    ...{ committedAt, ...facts }
  })
  const orders: { of: string; commits: Tracked[]; line: string[] }[] = [
    {
      of: 'one engine, that of the last record, so that no commit counts twice',
      commits: [at('b'), at('b', 'browser', 5), at('c', 'browser', 3), at('c')],
      line: ['b 1.1', 'c 1.21']
    },
    {
      of: 'the latest record of a commit',
      commits: [at('b'), at('c'), at('b', 'simulation', 1)],
      line: ['b 1', 'c 1.1']
    },
    { of: 'the oldest commit first', commits: [at('c'), at('b')], line: ['b 1.1', 'c 1.21'] },
    {
      of: 'commits of which some are missing',
      commits: [at('b'), at('d'), at('e')],
      line: ['b 1.1', '… d 1.21', 'e 1.33']
    },
    {
      of: 'commits of one second, written newest first',
      commits: [dated('d', 5), dated('c', 5), dated('b', 5)],
      line: ['b 1.1', 'c 1.21', 'd 1.33']
    },
    {
      of: 'a commit dated before its parent',
      commits: [dated('b', 5), dated('c', 3), dated('d', 6)],
      line: ['b 1.1', 'c 1.21', 'd 1.33']
    },
    {
      of: 'one branch after the other, by date, with children that date back',
      commits: [dated('x', 4, { parent: 'b' }), dated('c', 5), dated('y', 6), dated('d', 7), dated('b', 3)],
      line: ['b 1.1', 'x 1.21', 'y 1.33', '… c 1.46', 'd 1.61']
    },
    {
      of: 'chains by the date at which each begins',
      commits: [dated('h', 9), dated('g', 4), dated('c', 6), dated('b', 3)],
      line: ['b 1.1', 'c 1.21', '… g 1.33', 'h 1.46']
    }
  ]
  for (const { of, commits, line } of orders)
    it(`is of ${of}`, () => {
      const points = lineOf(commits, 'wire.packetsPerMessage')
      assert.deepEqual(
        points.map(({ name, level }) => `${name.replace(' s', '')} ${Number(level!.toFixed(2))}`),
        line
      )
      assert.deepEqual(
        points.map(({ isAfterGap }) => isAfterGap),
        line.map((each) => each.startsWith('…'))
      )
    })
})
