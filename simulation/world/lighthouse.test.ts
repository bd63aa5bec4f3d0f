import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../protocol/random'
import { VirtualTime } from '../engine/virtual-time'
import { ServerSocket } from '../network/socket'
import { SimLighthouse } from './lighthouse'

/** Tells everyone who has left. */
const TELLS = `
const accept = (socket, url) => {
  sockets.push(socket)
  socket.on('close', () => sockets.forEach((each) => each.send(url.searchParams.get('id') + ' left')))
}
const sockets = []
return { openLighthouse: () => ({ accept, close: () => undefined }) }`

describe('peers hear of a Lighthouse', () => {
  const rows: [that: string, act: (lighthouse: SimLighthouse) => void, expected: string[]][] = [
    [
      'that goes away only that their connections are lost',
      (lighthouse) => lighthouse.goAway(),
      ['a Symbol(lost)', 'b Symbol(lost)']
    ],
    [
      'that loses one of them what it says',
      (lighthouse) => lighthouse.keepOut((id) => id === 'a'),
      ['a Symbol(lost)', 'b a left']
    ]
  ]
  for (const [that, act, expected] of rows)
    it(that, () => {
      const lighthouse = new SimLighthouse(TELLS, new VirtualTime(), new SeededRandom(1))
      const heard: string[] = []
      for (const id of ['a', 'b']) {
        const socket = new ServerSocket((frame) => heard.push(`${id} ${String(frame)}`))
        lighthouse.accept(socket, new URL(`ws://lighthouse/?id=${id}`))
      }
      act(lighthouse)
      assert.deepEqual(heard, expected)
    })
})
