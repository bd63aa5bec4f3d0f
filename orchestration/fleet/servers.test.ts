import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { serve } from '../../server/testing/test-server'
import type { Engine } from '../../deploy/runners/engine'
import { openServers } from './servers'

const ELSEWHERE = '192.0.2.1'

for (const isGiven of [false, true])
  it(`names --address if it is not this machine's, ${isGiven ? 'with' : 'without'} a results server`, async (t) => {
    const { url } = await serve(t)
    const flags = { address: ELSEWHERE, ...(isGiven && { resultsServerUrl: url }) }
    await assert.rejects(openServers({} as Engine, flags, temporaryFolder()), {
      name: 'UserError',
      message: `--address ${ELSEWHERE} is not an address of this machine (EADDRNOTAVAIL): leave it out, or name one that the nodes reach`
    })
  })

it('waits for a tunnel that begins again', async (t) => {
  let began = 0
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  t.mock.method(globalThis, 'fetch', () =>
    Date.now() - began < 30_000 ? Promise.reject(new Error('refused')) : Promise.resolve(new Response('[]'))
  )
  const found = { url: 'http://x', token: 'a', resultsServerUrl: 'http://y', lighthouseUrl: 'http://z' }
  const engine = { servers: () => ({ ...found, close: () => Promise.resolve() }) } as unknown as Engine
  const { client } = await openServers(engine, {}, '')
  began = Date.now()
  const asked = client.getTest('a')
  while (Date.now() - began < 40_000) {
    t.mock.timers.tick(100)
    await setImmediate()
  }
  assert.deepEqual(await asked, [])
})
