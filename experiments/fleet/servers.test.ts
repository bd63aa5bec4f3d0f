import assert from 'node:assert/strict'
import { it } from 'node:test'
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
