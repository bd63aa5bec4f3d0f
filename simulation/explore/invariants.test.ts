import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../simulate'
import { parseFault } from '../fault-text'
import { violations } from './invariants'
import { drawTrial } from './trial'

describe('the invariant that all peers come back', () => {
  const rows: [says: string, uncaught: number, thrown: number, cause: object, expected: string[]][] = [
    ['is broken by a peer that does not', 1, 0, {}, ['absent']],
    ['does not count again what was thrown', 2, 2, {}, ['thrown']],
    ['holds through a storm', 1, 0, { faults: [parseFault('storm@8s-16s:1')] }, ['absent']],
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

function broken(cause: object, { uncaught = 0, thrown = 0, components = 1 }): string[] {
  const trial = { ...drawTrial(0, 10), network: 'home', faults: [], ...cause }
  const document = {
    summary: { mesh: { components }, wire: {}, errors: { uncaught, first: null } },
    dataPoints: [],
    peerResults: {}
  } as unknown as Outcome['document']
  const outcome = { document, errors: Array<string>(thrown).fill('Error: planted'), failures: [] }
  return violations(trial, outcome).map(({ invariant }) => invariant)
}
