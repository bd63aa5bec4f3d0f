import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { influxTarget, parseInfluxUrl } from './target'

const database = 'comms'
const UNSET = { username: undefined, password: undefined, token: undefined, names: undefined }

describe('the InfluxDB of the settings', () => {
  const ROWS: [string, Parameters<typeof influxTarget>[0], ReturnType<typeof influxTarget>][] = [
    ['none', { influxDatabase: database }, undefined],
    [
      'without a user',
      { influxUrl: 'http://localhost:8086/', influxDatabase: database },
      { url: 'http://localhost:8086', database }
    ],
    [
      'an address with a query, which may have a password',
      { influxUrl: 'http://localhost:8086?u=me&p=secret#x', influxDatabase: database },
      { url: 'http://localhost:8086', database }
    ],
    [
      'with user and password in its address',
      { influxUrl: 'http://me:se%2Fcret@localhost:8086', influxDatabase: database },
      { url: 'http://localhost:8086', database, username: 'me', password: 'se/cret' }
    ],
    [
      'with options that override its address',
      {
        influxUrl: 'http://me:old@db',
        influxUsername: 'you',
        influxPassword: 'new',
        influxDatabase: database
      },
      { url: 'http://db', database, username: 'you', password: 'new' }
    ]
  ]
  for (const [name, settings, expected] of ROWS)
    it(name, () => assert.deepEqual(influxTarget(settings), expected && { ...UNSET, ...expected }))

  for (const [url, message] of [
    ['nonsense', /such as http:\/\/localhost:8086/],
    ['ftp://db', /such as http:\/\/localhost:8086/],
    ['http://me:%zz@db', /badly encoded/],
    ['http://me%:41@db', /badly encoded/]
  ] as const)
    it(`refuses ${url}`, () => assert.throws(() => parseInfluxUrl(url), message))
})
