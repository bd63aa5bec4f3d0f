import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readTexts } from '../../../options/surface'
import { joinCommand } from './waiting'

const TEST = { id: 'mine', expectedPeers: 6, peers: { ready: 2, reporting: 0, done: 0 } }

it('has every variable that a runner requires, and as many peers as are missing', () => {
  const line = joinCommand(TEST, 'http://localhost:9904', true)
  const variables = new Map([...line.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name!, value!]))
  const { values, faults } = readTexts('runner', ({ name }) => variables.get(name))
  assert.deepEqual(faults, [])
  assert.equal(values.peersCount, 4)
  assert.match(line, /^RESULTS_SERVER_SUBMIT_TOKEN=… TEST_ID=mine .* npx peer-perf clients$/)
})
