import fc from 'fast-check'
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pageAddress } from '../protocol/page'
import { redact } from './redact'

const CASES: [what: string, text: string, expected: string][] = [
  [
    'an address in an error of the browser',
    'net::ERR_EMPTY_RESPONSE at http://localhost:7654/?testId=a#token=abc',
    'net::ERR_EMPTY_RESPONSE at http://localhost:7654/?testId=a'
  ],
  ['an address in brackets', 'no page (http://h/#token=abc) there', 'no page (http://h/) there'],
  ['the token alone', 'refused abc', 'refused [token]'],
  [
    'the credentials of ICE servers',
    `net::ERR_EMPTY_RESPONSE at ${pageAddress('http://h/', { iceServers: '[{"urls":"turn:t","credential":"it\'s (x) & y"}]', seed: '1' }, 'abc')}`,
    'net::ERR_EMPTY_RESPONSE at http://h/?iceServers=…&seed=1'
  ],
  ['nothing of other text', 'Tab #1: 3 of 4 at http://h/?a=b', 'Tab #1: 3 of 4 at http://h/?a=b']
]
for (const [what, text, expected] of CASES)
  it(`cuts out ${what}`, () => assert.equal(redact(text, 'abc'), expected))

const PIECES = ['de-ad-be-ef-', 'a', 'http://', '#', 'http://h/#', 'x://y#z)', '&iceServers=', 'abc', 'ab']
for (const piece of PIECES)
  it(`takes no more time than it must for a megabyte of ${piece}`, () => {
    const begin = performance.now()
    redact(piece.repeat(1_000_000 / piece.length), 'abc')
    const took = performance.now() - begin
    assert.ok(took < 2000, `${took} ms`)
  })

it('leaves no token of any address, even one that is not known', () => {
  // Any text that a header can carry (server/http/access.ts).
  const anyToken = fc.stringMatching(/^[\x21-\x7e]{8,40}$/)
  fc.assert(
    fc.property(anyToken, (token) => {
      const address = pageAddress('http://localhost:7654/', { testId: 'a' }, token)
      assert.equal(redact(`failed at ${address}\n next`), 'failed at http://localhost:7654/?testId=a\n next')
    })
  )
})
