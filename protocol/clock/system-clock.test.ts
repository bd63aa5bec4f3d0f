import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClockEstimate, offsetAt } from './clock-estimate'
import { parseAdjtimex, parseChrony, parseEcs, SystemClockWatch } from './discipline'
import { narrowed, offsetBySystem, readAhead, type SystemClock } from './system-clock'

describe('the systems’ clocks', () => {
  const table: [name: string, local: SystemClock, remote: SystemClock, expected: object | undefined][] = [
    [
      'one kernel: the processes’ own clocks tell the rest',
      { ahead: 3, machine: 'a' },
      { ahead: 1, machine: 'a' },
      { offset: 2, error: 0.5, source: 'same system clock' }
    ],
    [
      'two disciplined clocks: their errors add up',
      { ahead: 3, machine: 'a', error: 0.4, source: 'chrony' },
      { ahead: 1, machine: 'b', error: 0.5, source: 'ECS' },
      { offset: 2, error: 1.4, source: 'system clocks' }
    ],
    ['one is not disciplined', { ahead: 3, machine: 'a', error: 0.4 }, { ahead: 1, machine: 'b' }, undefined],
    ['no kernel is known', { ahead: 3 }, { ahead: 1 }, undefined]
  ]
  for (const [name, local, remote, expected] of table) {
    it(name, () => assert.deepEqual(offsetBySystem(local, remote), expected))
  }

  it('are read as a millisecond begins', () => {
    let time = 1000.3
    const tick = () => (time += 0.01)
    const ahead = readAhead(
      () => time - 7,
      () => Math.floor(tick())
    )
    assert.ok(Math.abs(ahead - 7) < 0.02, `${ahead}`)
  })
})

describe('a bound by round trips and a claim by the systems’ clocks', () => {
  /**
   * The bound from one round trip of `roundTrip` ms to a clock `offset` ms ahead; the way there took `there`
   * ms.
   */
  const boundOf = (offset: number, roundTrip: number, there: number) => {
    const estimate = new ClockEstimate()
    estimate.add({ departure: 1000, remote: 1000 + there + offset, return: 1000 + roundTrip })
    return estimate.bound
  }

  it('are intersected: the result holds the truth, and is as narrow as the claim', () =>
    fc.assert(
      fc.property(
        fc.double({ min: -500, max: 500, noNaN: true }),
        fc.double({ min: 0, max: 80, noNaN: true }),
        fc.double({ min: -0.9, max: 0.9, noNaN: true }),
        (offset, there, miss) => {
          const bound = narrowed(
            boundOf(offset, 80, there),
            { offset: offset + miss, error: 1, source: 'system clocks' },
            1100
          )
          const { offset: found, error } = offsetAt(bound!, 1100)
          assert.ok(error <= 1 && Math.abs(found - offset) <= error + 1e-9, `${found} ± ${error}`)
        }
      )
    ))

  it('contradict each other if a system clock is wrong', () =>
    assert.equal(
      narrowed(boundOf(250, 80, 40), { offset: 0, error: 1, source: 'same system clock' }, 1100),
      undefined
    ))
})

describe('the source of a disciplined clock', () => {
  const chrony =
    'A9FEA97B,169.254.169.123,4,1700000000.1,-0.000250,0.000003,0.000020,1.2,0.001,0.05,0.001000,0.000250,16.1,Normal\n'
  const table: [name: string, found: object | undefined, expected: object | undefined][] = [
    ['chrony', parseChrony(chrony), { error: 1, source: 'chrony' }],
    ['chrony without a server', parseChrony(chrony.replace('Normal', 'Not synchronised')), undefined],
    ['not chrony', parseChrony('506 Cannot talk to daemon'), undefined],
    [
      'adjtimex',
      parseAdjtimex('         mode: 0\n     maxerror: 16500\n     esterror: 0\n       status: 8193\n'),
      { error: 16.5, source: 'adjtimex' }
    ],
    ['a kernel that nobody disciplines', parseAdjtimex('maxerror: 16000000\nstatus: 64'), undefined],
    [
      'ECS',
      parseEcs({ ClockDrift: { ClockErrorBound: 0.546, ClockSynchronizationStatus: 'SYNCHRONIZED' } }),
      { error: 0.546, source: 'ECS' }
    ],
    [
      'ECS without synchronisation',
      parseEcs({ ClockDrift: { ClockErrorBound: 0.5, ClockSynchronizationStatus: 'NOT_SYNCHRONIZED' } }),
      undefined
    ],
    ['ECS of old', parseEcs({}), undefined]
  ]
  for (const [name, found, expected] of table) {
    it(`is told by ${name}`, () => assert.deepEqual(found, expected))
  }

  it('is read in the background, and known from then on', async () => {
    const watch = new SystemClockWatch(
      () => Date.now() - 5,
      () => Promise.resolve({ error: 0.2, source: 'chrony' })
    )
    const { ahead } = watch.read()
    assert.ok(Math.abs(ahead - 5) <= 1, `${ahead}`)
    await watch.refresh()
    assert.equal(watch.read().error, 0.2)
    assert.equal(watch.read().source, 'chrony')
  })
})
