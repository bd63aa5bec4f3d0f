import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfiguration, runnerCommand, tokenTrouble, oldVariableTrouble } from './configuration'

const REQUIRED = {
  TEST_ID: 'mine',
  RESULTS_SERVER_URL: 'http://localhost:9904',
  LIGHTHOUSE_URL: 'https://lighthouse.example/path'
}

describe('the runner’s configuration', () => {
  it('has the documented defaults', () => {
    const { runnerId, ...rest } = readConfiguration(REQUIRED)
    assert.match(runnerId, /^[A-Za-z0-9_-]{1,64}$/)
    const expected = {
      testId: 'mine',
      resultsServerUrl: 'http://localhost:9904',
      lighthouseUrl: 'https://lighthouse.example/path',
      peersCount: 10,
      peersPerTab: 1,
      testDuration: 180,
      library: 'layers',
      routine: 'stand',
      messageTypes: 'faithful',
      mesh: 'usual',
      network: 'perfect',
      turn: 'off',
      peerIdLength: 42,
      statsSubmitInterval: 2000,
      token: undefined
    }
    assert.deepEqual({ ...rest, ...expected }, rest)
  })

  it('names two runners differently, even if each is the first process of its container', () =>
    assert.notEqual(readConfiguration(REQUIRED).runnerId, readConfiguration(REQUIRED).runnerId))

  it('names everything that is missing or wrong in one message', () => {
    const env = {
      LIGHTHOUSE_URL: 'localhost:9000',
      PEERS_COUNT: '-3',
      PEERS_PER_TAB: '1.5',
      TEST_DURATION: 'long',
      LIBRARY: 'isles',
      ICE_SERVERS: '{}',
      PEER_CONFIG: '{',
      BROWSER_CORE: 'last',
      SEED: '4294967296',
      RUNNER_ID: '../x'
    }
    assert.throws(
      () => readConfiguration(env),
      ({ name, message }: Error) => {
        assert.equal(name, 'UserError')
        assert.match(message, /TEST_ID is missing/)
        assert.match(message, /RESULTS_SERVER_URL is missing/)
        for (const variable of Object.keys(env))
          assert.match(message, new RegExp(`${variable} must be .*, not ".*"`))
        return true
      }
    )
  })

  const cases: { it: string; env?: Record<string, string>; flags?: Record<string, string>; gives: object }[] =
    [
      {
        it: 'takes an empty variable as none',
        env: { PEERS_COUNT: '', CLIENT_URL: '' },
        gives: { peersCount: 10 }
      },
      {
        it: 'takes a flag before a variable',
        env: { PEERS_COUNT: '4' },
        flags: { peersCount: '6' },
        gives: { peersCount: 6 }
      },
      {
        it: 'puts no more peers in a tab than there are',
        env: { PEERS_COUNT: '3', PEERS_PER_TAB: '8' },
        gives: { peersPerTab: 3 }
      },
      { it: 'takes fractions of seconds', env: { TEST_DURATION: '7.5' }, gives: { testDuration: 7.5 } },
      {
        it: 'prefers the narrower token',
        env: { RESULTS_SERVER_TOKEN: 'all', RESULTS_SERVER_SUBMIT_TOKEN: 'some' },
        gives: { token: 'some' }
      },
      { it: 'makes do with the control token', env: { RESULTS_SERVER_TOKEN: 'all' }, gives: { token: 'all' } }
    ]
  for (const { it: name, env, flags, gives } of cases) {
    it(name, () => {
      const read = readConfiguration({ ...REQUIRED, ...env }, flags)
      assert.deepEqual({ ...read, ...gives }, read)
    })
  }

  it('says so if the pages get the control token', () => {
    const said = (control?: string, submit?: string) =>
      tokenTrouble({ RESULTS_SERVER_TOKEN: control, RESULTS_SERVER_SUBMIT_TOKEN: submit })
    for (const submit of [undefined, '', 'all'])
      assert.match(said('all', submit)!, /^[^\n]+ get the control token: [^\n]+RESULTS_SERVER_SUBMIT_TOKEN$/)
    for (const control of [undefined, '', 'all']) assert.equal(said(control, 'some'), undefined)
    assert.equal(said(), undefined)
  })

  it('says which variable of the original suite means nothing here', () => {
    assert.match(oldVariableTrouble({ BROWSERS_COUNT: '2' })!, /^BROWSERS_COUNT is ignored, .*PEERS_COUNT/)
    assert.equal(oldVariableTrouble({ BROWSER_COUNT: '', PEERS_COUNT: '2' }), undefined)
  })

  it('has a flag for every variable but the tokens', () => {
    const help = runnerCommand().helpInformation()
    for (const name of ['--test-id', '--peers-per-tab', '--stats-submit-interval'])
      assert.match(help, new RegExp(name))
    assert.doesNotMatch(help, /token <value>/)
  })
})
