import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PROBES } from '../testing/probes'
import { REFUSED } from '../testing/refused'
import { askSimulatedPage } from '../testing/simulated-page'

/** What the standards demand. */
const DEMANDED: Readonly<Record<string, unknown>> = {
  'MessageChannel: a port that is closed': [1],
  'fetch from no address': ['TypeError', true],
  'structuredClone: views of classes of the page': ['Uint8Array', 2, 3, 2, 3, 2],
  'structuredClone: errors and names of members': [true, 'AbortError', 'm', { x: 1 }, { y: 2 }],
  'URLSearchParams: values': [true, false, true, 'a=2&b=3', 'b=3'],
  'URLSearchParams: of what': [
    ...['', 'null=', '5=', 'b=null&a=undefined', 'x=1', '', ''],
    ...Array<[string, boolean]>(3).fill(['TypeError', true])
  ],
  'requestAnimationFrame after a cancelled one': 3,
  'events: a listener that another one removes': ['first'],
  'events: while they are dispatched and after': [true, 'InvalidStateError', null, true, true, true],
  'timers: what is none, and intervals of 0 ms': ['interval', 'timer', 'interval'],
  'what objects are called': [
    ...['Event', 'EventTarget', 'MessageEvent', 'URL', 'RTCPeerConnection'].map(
      (name) => `${name},[object ${name}]`
    ),
    1
  ],
  'events: what is none': Array(3).fill('TypeError'),
  'RTCPeerConnection: ICE servers': [...Array<string>(4).fill('made'), 'TypeError', 'TypeError'],
  'events: a handler beside an addEventListener of the page': ['handler'],
  'events: a handler among listeners': [null, 'first', 'abort', true, 'last', 'first', 'last', null],
  'events: classes of the page': ['listener', true, 5, 'handler'],
  'WebSocket: members of a class of the page': ['close', 1],
  'RTCPeerConnection: members of a class of the page': [
    ...['own', true, 'closed', 'disconnected'],
    ['id', 'isClosed', 'remote']
  ],
  'RTCDataChannel: fields that the page sets': [
    'x',
    {
      ...{ connection: null, early: null, open: true, page: 'own' },
      ...{ receive: null, received: 0, sent: 0, transport: null }
    }
  ],
  'RTCPeerConnection: asked in the wrong state': Array(8).fill('InvalidStateError'),
  'RTCPeerConnection: the first states of an attempt': ['checking', 'connecting', 'checking', 'connecting'],
  'RTCPeerConnection: candidates within a description': ['gathering', 'complete', 'last', 'open'],
  'RTCPeerConnection: no candidates but their end': 'connecting',
  'RTCDataChannel: open when it is announced': ['open', 'sent', 'open event', 'at once'],
  'RTCPeerConnection: negotiated again': ['InvalidStateError', 'connected', 'open'],
  'RTCDataChannel: ids of later channels': [
    ...['open', 'open', [1, 5], 'close', 'close', 1, 0, 'open', 'open', 'message5', 'close', 'close'],
    ...['connected', ['connecting', 'connecting']]
  ],
  'RTCPeerConnection: the end of candidates before a description': [
    Array(5).fill('fine'),
    'InvalidStateError'
  ],
  'RTCPeerConnection: an offer that comes twice': ['have-remote-offer'],
  'RTCPeerConnection: descriptions that nobody has made': ['open'],
  'RTCPeerConnection: two offers before either is set': ['fine', 'InvalidAccessError', 'fine', 'open'],
  'RTCIceCandidate: copies of its members': [
    ...[{}, {}],
    ...[
      ['candidate', 'sdpMid', 'sdpMLineIndex', 'usernameFragment'],
      ['sdp', 'type']
    ]
  ],
  'RTCPeerConnection: a candidate without its place': 'TypeError',
  'localStorage: items as members': [
    ...['5', '5', '6', true, true, ['a', 'b']],
    { a: '5', b: '6' },
    ...[null, 1, 2, 'function', 'mine', true]
  ],
  'AbortSignal.timeout: bad times': Array(4).fill('TypeError'),
  'WebSocket: a relative address': ['ws://127.0.0.1:1/x', 'ws://127.0.0.1:1/http'],
  'WebSocket: reasons to close': [
    'SyntaxError',
    'SyntaxError',
    'InvalidAccessError',
    'InvalidAccessError',
    'closed'
  ],
  'RTCPeerConnection: an offer of a closed one': 'InvalidStateError',
  'RTCDataChannel: what options become': [
    [true, 0, null],
    [false, null, 5],
    ...Array<string>(3).fill('TypeError'),
    [true, null, null],
    [true, 2, null],
    [true, null, null]
  ],
  'RTCDataChannel: what a message becomes': [
    ['5', 'null', '[object Object]', '1,2', '\ufffdä', [1, 2, 3, 4], [2, 3]],
    34,
    83,
    'OperationError'
  ]
}

describe("the simulated browser (its answers are compared with Chromium's in e2e/simulation-browser)", () => {
  for (const [name, code] of Object.entries(PROBES)) {
    it(`answers: ${name}`, async () => {
      const { answer, refused, reported } = await askSimulatedPage(code)
      assert.deepEqual([...refused, ...reported], [])
      assert.doesNotThrow(() => JSON.parse(answer) as unknown, answer)
    })
  }

  for (const [name, demanded] of Object.entries(DEMANDED)) {
    it(`answers as the standards demand: ${name}`, async () => {
      const { answer } = await askSimulatedPage(PROBES[name]!)
      assert.deepEqual(JSON.parse(answer), demanded)
    })
  }

  for (const code of REFUSED) {
    it(`refuses ${code}, even if the page swallows the exception`, async () => {
      const { refused } = await askSimulatedPage(`try { ${code} } catch {}`)
      // Node 22 and 24 ask for a global's value three times.
      assert.equal(new Set(refused).size, 1, 'it was not refused')
      assert.match(refused[0]!, /\w/)
    })
  }

  it('names an ICE server that it refuses', async () => {
    const { refused } = await askSimulatedPage(
      'new RTCPeerConnection({ iceServers: [{ urls: "stun.a.example" }] })'
    )
    assert.match(refused[0]!, /stun\.a\.example/)
  })

  it('tells of what a listener throws, and not whoever dispatches the event', async () => {
    const { answer, reported } = await askSimulatedPage(`
      const [target, controller] = [new EventTarget(), new AbortController()]
      for (const [each, type] of [[target, 'x'], [controller.signal, 'abort']])
        for (const order of [1, 2]) each.addEventListener(type, () => { throw new Error(type + order) })
      controller.abort()
      return target.dispatchEvent(new Event('x'))`)
    assert.deepEqual(
      [answer, ...reported.map(String)],
      ['true', ...['abort1', 'abort2', 'x1', 'x2'].map((each) => `Error: ${each}`)]
    )
  })

  it('tells a page of a server that goes down while it asks', async () => {
    const { answer } = await askSimulatedPage(
      'return fetch("http://gone.invalid/").catch((error) => error instanceof TypeError)'
    )
    assert.equal(answer, 'true')
  })

  it('lets a page put something of its own in the place of what is missing', async () => {
    const { answer, refused } = await askSimulatedPage('window.Worker = 5; return Worker')
    assert.deepEqual([answer, refused], ['5', []])
  })

  // Node 20 does not have them.
  it('has the helpers of iterators, or refuses them', async () => {
    const { answer, refused } = await askSimulatedPage(
      'try { return [...[5].values().map(String)] } catch {}'
    )
    assert.deepEqual([answer, ...refused], refused.length === 0 ? ['["5"]'] : ['null', 'Iterator.map'])
  })

  it('gives a page no way into Node', async () => {
    const { answer } = await askSimulatedPage(`
      const ways = [Function, (() => {}).constructor, setTimeout.constructor, URL.constructor, Math.random.constructor, Error.constructor,
        performance.now.constructor, new RTCPeerConnection().createOffer.constructor, fetch('http://x/').catch(() => {}).constructor.constructor]
      return ways.map((way) => way('return [typeof process, typeof require].join()')())`)
    assert.deepEqual(JSON.parse(answer), Array(9).fill('undefined,undefined'))
  })
})
