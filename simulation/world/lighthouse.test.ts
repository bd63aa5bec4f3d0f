import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startLighthouse } from '../../lighthouse/app'
import { SeededRandom } from '../../protocol/random'
import { VirtualTime } from '../engine/virtual-time'
import { ServerSocket } from '../network/socket'
import { bundleOwn } from './bundles'
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
      ['a is lost', 'b is lost']
    ],
    [
      'that loses one of them what it says',
      (lighthouse) => lighthouse.keepOut((id) => id === 'a'),
      ['a is lost', 'b a left']
    ]
  ]
  for (const [that, act, expected] of rows)
    it(that, () => {
      const lighthouse = new SimLighthouse(TELLS, new VirtualTime(), new SeededRandom(1))
      const heard: string[] = []
      for (const id of ['a', 'b']) {
        const socket = new ServerSocket((frame) => {
          const isLost = typeof frame === 'object' && frame.code === 1006
          heard.push(`${id} ${isLost ? 'is lost' : (frame as string)}`)
        })
        lighthouse.accept(socket, new URL(`ws://lighthouse/?id=${id}`))
      }
      act(lighthouse)
      assert.deepEqual(heard, expected)
    })
})

it('a Lighthouse takes sockets at one path, as over a network', async () => {
  const simulated = new SimLighthouse(await bundleOwn('lighthouse'), new VirtualTime(), new SeededRandom(1))
  const paths = ['/peerjs', '/peerjs/', '/', '/other'].map((path) => new URL(`ws://lighthouse${path}?id=a`))
  assert.deepEqual(paths.map(simulated.admits), [true, false, false, false])
  simulated.keepOut((id) => id === 'a')
  const other = new URL('ws://lighthouse/peerjs?id=b')
  assert.deepEqual([paths[0]!, other].map(simulated.admits), [false, true])
  simulated.goAway()
  assert.equal(simulated.admits(other), false)
  simulated.comeBack()
  assert.equal(simulated.admits(other), true)
})

describe('requests that a Lighthouse answers in virtual time as over a network', () => {
  const json = { 'content-type': 'application/json' }
  const rows: [that: string, method: string, path: string, headers: Record<string, string>, body?: string][] =
    [
      ['asks for its layers', 'GET', '/layers', {}],
      ['asks for nothing that exists', 'GET', '/nowhere', {}],
      ['sends a form', 'POST', '/status', { 'content-type': 'text/plain;charset=UTF-8' }, 'a=1'],
      ['sends what is not JSON', 'PUT', '/layers/blue', json, 'a=1'],
      ['sends half of it', 'PUT', '/layers/blue', json, '{"id":'],
      ['sends a wrong member', 'PUT', '/layers/blue', json, '{"id":5}'],
      [
        'sends JSON as text',
        'PUT',
        '/layers/blue',
        { 'content-type': 'text/plain;charset=UTF-8' },
        '{"id":"a"}'
      ],
      ['sends too much', 'PUT', '/layers/blue', json, `"${'x'.repeat(20_000)}"`],
      ['sends nothing', 'PUT', '/layers/blue', json]
    ]
  for (const [that, method, path, headers, body] of rows)
    it(that, async () => {
      const real = await startLighthouse({ port: 0 })
      const simulated = new SimLighthouse(
        await bundleOwn('lighthouse'),
        new VirtualTime(),
        new SeededRandom(1)
      )
      try {
        const url = new URL(path, `http://localhost:${real.port}`)
        const response = await fetch(url, { method, headers, body: body ?? null })
        const answer = await simulated.serve({ method, url, headers, body })
        assert.deepEqual(
          [answer.status, answer.statusText, answer.body],
          [response.status, response.statusText, await response.text()]
        )
        for (const name of ['content-type', 'content-length', 'etag', 'vary'])
          assert.equal(answer.headers[name], response.headers.get(name) ?? undefined, name)
      } finally {
        await real.close()
        simulated.goAway()
      }
    })
})
