import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkPreconditions } from './preconditions'
import { moveCandidate } from './relay/peer-relay'

// cspell:ignore raddr rport
const iceServers = [{ urls: 'turn:turn.example.org:3478' }]

describe('a test in which peers connect only through TURN servers', () => {
  it('could never connect through the relay, which moves no candidate of a TURN server', async () => {
    const candidate = 'candidate:1 1 udp 33562367 10.0.0.9 50000 typ relay raddr 0.0.0.0 rport 0'
    assert.equal(await moveCandidate(candidate, (home) => Promise.resolve(home)), undefined)
  })

  const CASES: [network: string, turn: 'off' | 'only', isRefused: boolean][] = [
    ['perfect', 'only', false],
    ['4g', 'only', false],
    ['delay=10ms,jitter=2ms', 'only', true],
    ['delay=10ms,nat=symmetric', 'only', true],
    ['delay=10ms,jitter=2ms', 'off', false]
  ]
  for (const [network, turn, isRefused] of CASES)
    it(`is ${isRefused ? 'refused' : 'possible'} on ${network} with TURN=${turn}`, () => {
      const check = () => checkPreconditions({ network, turn, iceServers })
      if (isRefused) assert.throws(check, /^UserError: TURN is "only", but NETWORK .* takes the relay/)
      else assert.doesNotThrow(check)
    })

  it('is refused without a TURN server', () =>
    assert.throws(
      () => checkPreconditions({ network: 'perfect', turn: 'only', iceServers: [] }),
      /ICE_SERVERS names no TURN server/
    ))
})

it('A browser that cannot start here matters only to peers on this machine', (t) => {
  process.env.PUPPETEER_EXECUTABLE_PATH = '/nowhere'
  t.after(() => delete process.env.PUPPETEER_EXECUTABLE_PATH)
  const settings = { network: 'perfect', turn: 'off', iceServers: [] } as const
  assert.throws(() => checkPreconditions({ ...settings }), /PUPPETEER_EXECUTABLE_PATH/)
  assert.doesNotThrow(() => checkPreconditions({ ...settings, on: 'kubernetes' }))
})
