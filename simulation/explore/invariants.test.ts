import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../simulate'
import { parseFault } from '../fault-text'
import { newViolations, violations, type Violation } from './invariants'
import type { Judged } from './judge'
import { drawTrial } from './trial'

describe('the invariant that all peers come back', () => {
  const rows: [says: string, uncaught: number, thrown: number, cause: object, expected: string[]][] = [
    ['is broken by a peer that does not', 1, 0, {}, ['absent']],
    ['does not count again what was thrown', 2, 2, {}, ['thrown']],
    ['holds through a storm', 1, 0, { faults: [parseFault('storm@8s-16s:1')] }, ['absent']],
    ['holds through a partition', 1, 0, { faults: [parseFault('partition@8s-16s:1')] }, ['absent']],
    ['asks nothing of a peer that died', 1, 0, { faults: [parseFault('death@5s:1')] }, []],
    ['asks nothing without a Lighthouse', 1, 0, { faults: [parseFault('lighthouse@5s-9s')] }, []],
    ['asks nothing of a peer that is offline', 1, 0, { network: 'home,8s:offline,26s:home' }, []]
  ]
  for (const [says, uncaught, thrown, cause, expected] of rows)
    it(says, () => assert.deepEqual(broken(cause, { uncaught, thrown }), expected))
})

it('The survivors of a death must be one mesh', () => {
  const cause = { faults: [parseFault('death@5s:1')] }
  assert.deepEqual([1, 2].map((components) => broken(cause, { components })), [[], ['split']]) // prettier-ignore
})

const LONELY: [says: string, connectedAt: number, until: number, cause: object, expected: string[]][] = [
  ['for 30 s', -1, 30, {}, []],
  ['for longer', -1, 31, {}, ['alone']],
  ['for 30 s twice', 30, 59, {}, []],
  ['once it is dead', -1, 31, { faults: [parseFault('death@5s:1')] }, []],
  ['as the last', -1, 31, { peers: 2, faults: [parseFault('death@5s:0')] }, []]
]
for (const [says, connectedAt, until, cause, expected] of LONELY)
  it(`A peer may ${expected.length > 0 ? 'not ' : ''}be alone ${says}`, () => {
    const dataPoints = Array.from({ length: until + 1 }, (_, second) => ({
      peerId: 'p',
      timestamp: second * 1000,
      metrics: { connectedPeers: second === connectedAt ? ['q'] : [] }
    }))
    assert.deepEqual(broken(cause, { dataPoints }), expected)
  })

const LOSSES: [owed: number, lost: number, lostAtTheEnd: number, expected: string[]][] = [
  [1000, 1, 0, []],
  [1000, 2, 0, ['lost']],
  [10_000, 10, 4, ['deaf']],
  [0, 0, 0, []]
]
for (const [owed, lost, lostAtTheEnd, expected] of LOSSES)
  it(`${lost} of ${owed} messages and ${lostAtTheEnd} of the last may be lost`, () => {
    const judged = { all: owed, owed, lost, atTheEnd: { owed: Math.min(owed, 100), lost: lostAtTheEnd } }
    assert.deepEqual(broken({}, { judged }), expected)
  })

it('A candidate is found to break what its baseline does not, or not nearly as badly', () => {
  const found = (...amounts: [Violation['invariant'], number][]) =>
    amounts.map(([invariant, amount]) => ({ invariant, amount, text: '' }))
  const candidate = found(['lost', 0.3], ['deaf', 0.31], ['alone', 40_000])
  const baseline = found(['lost', 0.2], ['deaf', 0.2])
  assert.deepEqual(newViolations(candidate, baseline), found(['deaf', 0.31], ['alone', 40_000]))
})

interface Measured {
  uncaught?: number
  thrown?: number
  components?: number
  dataPoints?: object[]
  judged?: Judged
}

function broken(
  cause: object,
  { uncaught = 0, thrown = 0, components = 1, dataPoints = [], judged }: Measured
): string[] {
  const trial = { ...drawTrial(0, 10), network: 'home', faults: [], ...cause }
  const document = {
    summary: { mesh: { components }, wire: {}, errors: { uncaught, first: null } },
    dataPoints,
    peerResults: { p: { number: 1 } }
  } as unknown as Outcome['document']
  const errors = Array<string>(thrown).fill('Error: planted')
  return violations(trial, { document, errors, failures: [], judged }).map(({ invariant }) => invariant)
}
