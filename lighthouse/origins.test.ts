import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isAllowedHost, isAllowedOrigin } from './origins'

describe('isAllowedOrigin', () => {
  const ALLOWED = ['https://tests.example.org']
  const ROWS: [string | undefined, boolean, string][] = [
    [undefined, true, 'a program'],
    ['http://localhost:7654', true, 'a page of this machine'],
    ['http://127.0.0.1:7654', true, 'a page of this machine, by address'],
    ['http://[::1]:7654', true, 'a page of this machine, by IPv6'],
    ['http://10.1.2.3', true, 'a private network'],
    ['http://172.31.0.1:8080', true, 'a container network'],
    ['http://172.32.0.1:8080', false, 'just beyond it'],
    ['http://192.168.1.20:7654', true, 'a home network'],
    ['http://100.64.0.1', true, 'a carrier’s shared network'],
    ['http://[fd00::1]:7654', true, 'a unique local address'],
    ['http://[fe80::1]', true, 'a link-local address'],
    ['http://[2001:db8::1]', false, 'a public IPv6 address'],
    ['http://[fc::1]', false, 'an address that begins like a unique local one'],
    ['http://203.0.113.7', false, 'a public address'],
    ['http://[::ffff:203.0.113.7]', false, 'a public address as an IPv6 one'],
    ['http://runner:7654', true, 'a container by its name'],
    ['http://pc.local', true, 'a machine of this network, by its name'],
    ['http://client.lab.internal', true, 'a cloud network’s name'],
    ['https://evil.example', false, 'a public page'],
    ['http://localhost.evil.example', false, 'a public page whose name begins like ours'],
    ['http://127.0.0.1.evil.example', false, 'a public page whose name begins like an address'],
    ['https://tests.example.org', true, 'a page that was allowed'],
    ['http://tests.example.org', false, 'the same without TLS'],
    ['null', false, 'a sandboxed page'],
    ['', false, 'an empty origin'],
    ['chrome-extension://abcdef', true, 'an extension, which the user installed']
  ]
  for (const [origin, expected, what] of ROWS)
    it(`${expected ? 'lets in' : 'refuses'} ${what}: ${origin ?? 'no Origin'}`, () =>
      assert.equal(isAllowedOrigin(origin, ALLOWED), expected))

  it('admits everyone if the operator says so', () =>
    assert.equal(isAllowedOrigin('https://evil.example', ['*']), true))

  it('never throws', () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl()),
        (text) => typeof isAllowedOrigin(text, []) === 'boolean'
      )
    ))
})

describe('isAllowedHost', () => {
  const ROWS: [string, string | undefined, boolean, string][] = [
    ['127.0.0.1', undefined, true, 'a program without Host'],
    ['127.0.0.1', 'localhost:9000', true, 'this machine'],
    ['127.0.0.1', '[::1]:9000', true, 'this machine by IPv6'],
    ['127.0.0.1', 'lighthouse:9000', true, 'a name of this network'],
    ['127.0.0.1', 'tests.example.org', true, 'a name that was allowed'],
    ['127.0.0.1', 'evil.example:9000', false, 'a public name that points at this machine'],
    ['localhost', 'localhost.evil.example', false, 'a public name that begins like ours'],
    ['LOCALHOST', 'evil.example', false, 'a public name on a loopback in capitals'],
    ['127.1', 'evil.example', false, 'a public name on a shortened address'],
    ['::ffff:127.0.0.1', 'evil.example', false, 'a public name on a mapped address'],
    ['127.0.0.1', 'a b', false, 'no name'],
    ['0.0.0.0', 'lighthouse.example', true, 'any name of a published Lighthouse']
  ]
  for (const [bound, header, expected, what] of ROWS)
    it(`${expected ? 'accepts' : 'refuses'} ${what}`, () =>
      assert.equal(isAllowedHost(bound, header, ['https://tests.example.org']), expected))
})
