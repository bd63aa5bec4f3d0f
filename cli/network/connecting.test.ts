import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectingTrouble } from './connecting'

describe('what keeps peers from connecting', () => {
  const table: [network: string, says: RegExp | undefined, peerConfig?: Record<string, unknown>][] = [
    ['perfect', undefined],
    ['3g', undefined],
    ['home:6,satellite:2', /^Two peers on satellite need about 4\.2 s .* '\{"peerConnectTimeout":15000\}'$/],
    ['satellite', /gives up after 3\.5 s/],
    ['satellite', undefined, { peerConnectTimeout: 15_000 }],
    ['satellite', /gives up after 2 s/, { peerConnectTimeout: 2000 }],
    ['satellite', /gives up after 0 s/, { peerConnectTimeout: '15s' }],
    ['home:1,4g:1,1>2:delay=3s', /^Two peers on home and 4g need about 10\.7 s .*45000/],
    ['nat=restricted', undefined],
    ['home:1,nat=restricted:1', undefined],
    ['nat=symmetric', /behind symmetric routers cannot connect .* without TURN/],
    ['nat=restricted:1,nat=symmetric:1', /routers that are restricted and symmetric/]
  ]
  for (const [network, says, peerConfig] of table) {
    it(`on ${network} is ${says ? 'said' : 'nothing'} ${peerConfig ? JSON.stringify(peerConfig) : ''}`, () => {
      const trouble = connectingTrouble({ network, peerConfig })
      if (says) assert.match(trouble ?? '', says)
      else assert.equal(trouble, undefined)
    })
  }
})
