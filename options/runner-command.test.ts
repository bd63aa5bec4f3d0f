import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runnerCommandLine } from './runner-command'
import { readTexts } from './surface'

test('the command that adds peers has every variable that a runner requires', () => {
  const values = {
    testId: 'mine',
    resultsServerUrl: 'http://localhost:9904',
    lighthouseUrl: 'http://localhost:9000'
  }
  const line = runnerCommandLine(values)
  assert.equal(
    line,
    'TEST_ID=mine RESULTS_SERVER_URL=http://localhost:9904 LIGHTHOUSE_URL=http://localhost:9000 npm run clients'
  )
  const variables = new Map([...line.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name!, value!]))
  assert.deepEqual(readTexts('runner', ({ name }) => variables.get(name)).faults, [])
})

test('values that are given appear, too', () => {
  assert.match(runnerCommandLine({ testId: 'mine', peersCount: 4 }), / PEERS_COUNT=4 npm run clients$/)
})

test('what is not known is left for the user to fill in', () => {
  assert.match(runnerCommandLine({ testId: 'mine' }), /^TEST_ID=mine RESULTS_SERVER_URL=… LIGHTHOUSE_URL=… /)
})
