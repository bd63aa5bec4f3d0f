import assert from 'node:assert/strict'
import dns from 'node:dns'
import { it } from 'node:test'
import { InfluxConnection } from './connection'

it('says why a name with several addresses, such as localhost, does not answer', async (t) => {
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 }
  ]
  t.mock.method(dns, 'lookup', (_name: string, _options: object, done: (...of: unknown[]) => void) =>
    done(null, addresses)
  )
  const connection = new InfluxConnection({ url: 'http://localhost:1023', database: 'comms' })
  await assert.rejects(connection.createDatabase(), /ECONNREFUSED/)
})
