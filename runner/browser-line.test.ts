import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Step } from '../cli/network/network'
import { parseNetwork } from '../cli/network/parse'
import { rulesFor } from './browser-line'

const firstStep = (network: string): Step => parseNetwork(network).parts[0].steps[0]

describe('the rules of a tab', () => {
  it('leave everything with an address alone and give WebRTC one end of the link', () => {
    const { matchedNetworkConditions } = rulesFor(firstStep('delay=40ms,loss=19%,down=8mbit,up=0.8mbit'), 1)
    const [addressed, webRtc] = matchedNetworkConditions
    assert.deepEqual(addressed, {
      urlPattern: '*://*:*/*',
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1
    })
    assert.deepEqual(
      { ...webRtc, packetLoss: Number(webRtc?.packetLoss?.toFixed(9)) },
      {
        urlPattern: '',
        latency: 19,
        downloadThroughput: 1_000_000,
        uploadThroughput: 100_000,
        packetLoss: 10,
        packetQueueLength: 32
      }
    )
  })

  it('make the link as wide as the lines of all peers in the tab', () => {
    const [, webRtc] = rulesFor(firstStep('4g'), 4).matchedNetworkConditions
    assert.deepEqual([webRtc?.downloadThroughput, webRtc?.packetQueueLength], [6_000_000, 1250])
  })

  const queues: [network: string, packets: number][] = [
    ['up=8mbit', 208],
    ['down=8mbit', 208],
    ['up=8mbit,down=16mbit', 208],
    ['up=16mbit,down=8mbit', 208],
    ['delay=40ms', 0]
  ]
  for (const [network, packets] of queues)
    it(`queue ${packets} packets with ${network}`, () => {
      const [, webRtc] = rulesFor(firstStep(network), 1).matchedNetworkConditions
      assert.equal(webRtc?.packetQueueLength, packets)
    })

  it('delay requests to the Lighthouse, if that is wanted, before the rule for all others', () => {
    const slow = { lighthouse: 'http://localhost:9000', delay: 600 }
    const rules = rulesFor(firstStep('satellite'), 1, slow).matchedNetworkConditions
    assert.deepEqual(
      rules.map(({ urlPattern, latency }) => [urlPattern, latency]),
      [
        ['*://localhost:9000/*', 600],
        ['*://*:*/*', 0],
        ['', 299]
      ]
    )
  })

  it('drop every packet of an outage', () => {
    const [, offline] = parseNetwork('home,5s:offline').parts[0].steps
    assert.equal(rulesFor(offline!, 1).matchedNetworkConditions[1]?.packetLoss, 100)
  })
})
