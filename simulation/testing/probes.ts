/**
 * What a page can see of its browser. The same probes run in a real Chromium and in the simulated browser:
 * each must give the same answer. They run in pages, so each must be self-contained.
 */
import { WEBRTC_PROBES } from './webrtc-probes'

/** The body of an async function that returns something JSON can hold. */
export const PROBES: Readonly<Record<string, string>> = {
  'MessageChannel: order and data': `
    const seen = []
    const { port1, port2 } = new MessageChannel()
    const done = new Promise((resolve) => { port1.onmessage = ({ data }) => { seen.push(data.a instanceof Map, data.a.get(1)); resolve() } })
    port2.postMessage({ a: new Map([[1, 'one']]) })
    queueMicrotask(() => seen.push('microtask'))
    await done
    return seen`,
  'MessageChannel: a port waits until it is started': `
    const { port1, port2 } = new MessageChannel()
    port2.postMessage(1)
    const seen = []
    port1.addEventListener('message', ({ data }) => seen.push(data))
    await new Promise((resolve) => setTimeout(resolve, 50))
    seen.push('start')
    port1.start()
    await new Promise((resolve) => setTimeout(resolve, 50))
    return seen`,
  'MessageChannel: a port that is closed': `
    const { port1, port2 } = new MessageChannel()
    const seen = []
    port1.onmessage = ({ data }) => {
      seen.push(data)
      port1.close()
    }
    for (const message of [1, 2]) port2.postMessage(message)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return seen`,
  'requestAnimationFrame: 60 a second, one time for all callbacks': `
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    await frame()
    const [from, same] = await Promise.all([frame(), frame()])
    for (let i = 0; i < 30; i++) await frame()
    const each = (await frame() - from) / 31
    return [from === same, each > 16 && each < 25]`,
  cancelAnimationFrame: `
    let called = false
    cancelAnimationFrame(requestAnimationFrame(() => { called = true }))
    await new Promise((resolve) => setTimeout(resolve, 100))
    return called`,
  'requestAnimationFrame after a cancelled one': `
    cancelAnimationFrame(requestAnimationFrame(() => {}))
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    return new Set([await frame(), await frame(), await frame()]).size`,
  'AbortSignal.timeout': `
    const signal = AbortSignal.timeout(30)
    const event = await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return [event.type, signal.aborted, signal.reason.name, signal.reason instanceof DOMException]`,
  'AbortSignal.timeout: bad times': `
    return [-1, NaN, Infinity, 2 ** 53].map((time) => { try { AbortSignal.timeout(time); return 'made' } catch ({ name }) { return name } })`,
  'AbortSignal.any': `
    const controller = new AbortController()
    const any = AbortSignal.any([new AbortController().signal, controller.signal])
    controller.abort('why')
    return [any.aborted, any.reason, AbortSignal.any([any]).reason]`,
  'fetch with an aborted signal': `
    return fetch('http://lighthouse:9000/status', { signal: AbortSignal.abort() }).then(() => 'answered', ({ name }) => name)`,
  'fetch that is aborted': `
    const controller = new AbortController()
    const answer = fetch('http://nobody.invalid/', { signal: controller.signal }).catch(({ name }) => name)
    controller.abort()
    return answer`,
  'fetch: what an answer has': `
    const shown = async (url) => {
      const response = await fetch(url)
      const { type, url: from, status, statusText, ok, redirected, headers } = response
      const seen = [type, new URL(from).pathname, status, statusText, ok, redirected, response.bodyUsed]
      seen.push(['Content-Type', 'content-length', 'etag', 'x-secret'].map((name) => [headers.has(name), headers.get(name)]))
      seen.push([...headers].filter(([name]) => name.startsWith('content')), [...headers.keys()].includes('content-type'))
      headers.forEach((value, name) => { if (name === 'content-type') seen.push(value) })
      const copy = response.clone()
      seen.push(await response.json(), response.bodyUsed, copy.bodyUsed, new TextDecoder().decode(await copy.arrayBuffer()))
      for (const read of [() => response.text(), () => response.clone()])
        try { await read() } catch ({ name, message }) { seen.push(name, message) }
      return seen
    }
    const foreign = location.origin.replace('localhost', '127.0.0.1')
    const bytes = await (await fetch('/answer')).bytes()
    return [await shown('/answer'), await shown(foreign + '/answer'), bytes instanceof Uint8Array, bytes.length, (await fetch('/missing')).status]`,
  'fetch: what a body becomes': `
    const echo = async (init) => (await fetch('/echo', { method: 'POST', ...init })).text()
    const seen = []
    for (const body of ['a=1', '{', '\\ud800', new URLSearchParams({ a: '1 2' }), {}, 5, null, undefined]) seen.push(await echo({ body }))
    seen.push(await echo({ body: '{', headers: { 'Content-Type': 'application/json' } }))
    seen.push(await (await fetch('/echo', null)).text())
    await fetch('/echo', { body: 'x' }).catch(({ name, message }) => seen.push(name, message))
    return seen`,
  'fetch from nobody': `return fetch('http://nobody.invalid/').catch((error) => [error.name, error instanceof TypeError])`,
  'fetch from no address': `return fetch('http://[').catch((error) => [error.name, error instanceof TypeError])`,
  'nested timers: which are clamped': `
    const gaps = []
    for (let run = 0; run < 15; run++) {
      let last = performance.now()
      await new Promise((resolve) => {
        let level = 0
        const next = () => {
          const now = performance.now()
          gaps[level] = Math.min(gaps[level] ?? Infinity, now - last)
          last = now
          if (++level < 12) setTimeout(next, 0)
          else resolve()
        }
        new MessageChannel().port1.close()
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => { last = performance.now(); setTimeout(next, 0) }
        port2.postMessage(0)
      })
    }
    return gaps.map((gap) => gap > 3.5)`,
  'timers: order, arguments, ids': `
    const seen = []
    const id = setTimeout((...values) => seen.push(...values), 0, 'a', 'b')
    setTimeout(() => seen.push('later'), 5)
    clearTimeout(setTimeout(() => seen.push('never'), 1))
    clearTimeout(undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return [typeof id, ...seen]`,
  'timers: what is none, and intervals of 0 ms': `
    const seen = []
    for (const none of [undefined, null]) setTimeout(none, 1)
    const id = setInterval(() => seen.push('interval') === 3 && clearInterval(id), 0)
    setTimeout(() => seen.push('timer'), 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    return seen`,
  'Date without new': `return [typeof Date(), Date() === new Date().toString() || 'a second passed', Date.name, Date.length, new Date(2020, 1, 2).getMonth(), new Date('2020-01-01T00:00:00Z').getTime(), new Date().constructor === Date].map(String).filter((text) => text !== 'a second passed')`,
  'the present is one': `
    const now = Date.now()
    const year = new Date().getUTCFullYear()
    const format = (options) => new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options })
    return [
      Math.abs(Function('return Date.now()')() - now) < 1000,
      Math.abs((0, eval)('new Date()').getTime() - now) < 1000,
      Math.abs(performance.timeOrigin + performance.now() - now) < 1000,
      format({ year: 'numeric' }).format() === String(year),
      format({ year: 'numeric' }).formatToParts()[0].value === String(year),
      new Date().toLocaleDateString('en-US', { timeZone: 'UTC', year: 'numeric' }) === String(year)
    ]`,
  'performance: marks and measures': `
    performance.clearMarks()
    performance.mark('a')
    performance.mark('b', { detail: 5 })
    const { name, entryType, duration } = performance.measure('c', 'a', 'b')
    let error
    try { performance.measure('d', 'missing') } catch ({ name }) { error = name }
    const found = performance.getEntriesByType('mark').map(({ name, detail }) => [name, detail])
    performance.clearMarks('a')
    return [name, entryType, duration >= 0, error, found, performance.getEntriesByName('a').length, performance.getEntriesByName('c', 'measure').length]`,
  'WebSocket to nobody': `
    const socket = new WebSocket('ws://127.0.0.1:1/')
    const seen = [socket.readyState, socket.url]
    await new Promise((resolve) => {
      socket.onopen = () => { seen.push('open'); resolve() }
      socket.onerror = ({ type }) => seen.push(type, socket.readyState)
      socket.onclose = ({ type, code, wasClean }) => { seen.push(type, code, wasClean); resolve() }
    })
    return seen`,
  'WebSocket: members of a class of the page': `
    class Own extends WebSocket {
      up = 1
      emit() {}
      addEventListener() {}
      end() {}
      fail() {}
      receive() {}
    }
    const socket = new Own('ws://127.0.0.1:1/')
    const closed = new Promise((resolve) => { socket.onclose = ({ type }) => resolve(type) })
    return [await closed, socket.up]`,
  'WebSocket: a relative address': `
    return ['//127.0.0.1:1/x', 'http://127.0.0.1:1/http'].map((address) => new WebSocket(address).url)`,
  'WebSocket: reasons to close': `
    const socket = new WebSocket('ws://127.0.0.1:1/')
    return [[1000, 'x'.repeat(124)], [1000, 'ä'.repeat(62)], [undefined, 'x'], [null], [1000, 'x'.repeat(123)]].map((asked) => { try { socket.close(...asked); return 'closed' } catch ({ name }) { return name } })`,
  'WebSocket: bad addresses': `
    return ['ftp://x/', 'nonsense:', 'ws://[', 'ws://x/#part'].map((url) => { try { new WebSocket(url); return 'made' } catch ({ name }) { return name } })`,
  'queueMicrotask before timers': `
    const seen = []
    setTimeout(() => seen.push('timer'), 0)
    queueMicrotask(() => seen.push('microtask'))
    Promise.resolve().then(() => seen.push('promise'))
    seen.push('now')
    await new Promise((resolve) => setTimeout(resolve, 30))
    return seen`,
  structuredClone: `
    const shared = { x: 1 }
    const original = { shared, again: shared, date: new Date(5), set: new Set([1]), bytes: new Uint16Array([1, 2]), error: new TypeError('t'), none: undefined, big: 5n }
    original.self = original
    const copy = structuredClone(original)
    let error
    try { structuredClone(() => {}) } catch ({ name }) { error = name }
    return [copy !== original, copy.self === copy, copy.shared === copy.again, copy.shared !== shared, copy.date instanceof Date, copy.date.getTime(), [...copy.set], copy.bytes instanceof Uint16Array, [...copy.bytes], copy.error instanceof TypeError, copy.error.message, 'none' in copy, String(copy.big), error]`,
  'structuredClone: views of classes of the page': `
    class Own extends Uint8Array { get [Symbol.toStringTag]() { return 'Own' } }
    const { bytes, floats, view } = structuredClone({ bytes: new Own([1, 2, 3]).subarray(1), floats: new Float64Array(2), view: new DataView(new ArrayBuffer(5), 2) })
    return [bytes.constructor.name, ...bytes, floats.length, view.byteLength, view.byteOffset]`,
  'structuredClone: errors and names of members': `
    const error = structuredClone(new DOMException('m', 'AbortError'))
    const { __proto__: prototype, ...others } = structuredClone(JSON.parse('{"__proto__":{"x":1},"y":2}'))
    return [error instanceof DOMException, error.name, error.message, prototype, others]`,
  'what Node has and browsers have not': `
    return [typeof process, typeof require, typeof module, typeof exports, typeof Buffer, typeof global, typeof setImmediate, typeof SharedArrayBuffer, typeof __dirname,
      Function('return typeof process')(), (0, eval)('typeof require'), (() => {}).constructor('return typeof Buffer')()]`,
  'who is the global object': `
    return [window === globalThis, self === window, parent === window, top === window, this === undefined || this === window, Function('return this')() === window, 'MessageChannel' in window]`,
  'texts, bytes and addresses': `
    const url = new URL('../b?x=1#y', 'http://a.example:81/c/d')
    url.searchParams.append('z', 'ä b')
    const bytes = new TextEncoder().encode('ä€')
    return [url.href, url.host, url.origin, url.searchParams.get('z'), [...url.searchParams], bytes instanceof Uint8Array, [...bytes], new TextDecoder().decode(bytes), btoa('hi'), atob('aGk='), String(new URLSearchParams({ a: '1 2' }))]`,
  'URLSearchParams: values': `
    const all = new URLSearchParams('a=1&a=2&b=3')
    const seen = [all.has('a', '2'), all.has('a', '5'), all.has('a', undefined)]
    all.delete('a', 1)
    seen.push(String(all))
    all.delete('a')
    return [...seen, String(all)]`,
  'URLSearchParams: of what': `
    const given = [undefined, null, 5, { b: null, a: undefined }, new Map([['x', 1]]), () => 1, [], ['ab'], [['a']], { [Symbol('a')]: 1 }]
    return given.map((init) => { try { return String(new URLSearchParams(init)) } catch (error) { return [error.name, error instanceof TypeError] } })`,
  'wrong addresses and texts': `
    const name = (action) => { try { action(); return 'fine' } catch (error) { return [error.name, error instanceof Error] } }
    return [name(() => new URL('nowhere')), name(() => atob('*')), name(() => new TextDecoder('none')), name(() => crypto.getRandomValues([]))]`,
  'events and their targets': `
    const target = new EventTarget()
    const seen = []
    const listener = (event) => seen.push(event.type, event.target === target, event.currentTarget === target)
    target.addEventListener('x', listener)
    target.addEventListener('x', listener)
    target.addEventListener('x', { handleEvent: () => seen.push('object') }, { once: true })
    target.dispatchEvent(new Event('x'))
    target.removeEventListener('x', listener)
    seen.push(target.dispatchEvent(new Event('x')))
    return seen`,
  'what objects are called': `
    const named = [new Event('x'), new EventTarget(), new MessageEvent('x'), new URL('http://x'), new RTCPeerConnection()]
    return [...named.map((each) => [each.constructor.name, Object.prototype.toString.call(each)].join()), WebSocket.prototype.OPEN]`,
  'events: what is none': `
    const dispatch = (event) => { try { return new EventTarget().dispatchEvent(event) } catch ({ name }) { return name } }
    return [{}, null, { type: 'x' }].map(dispatch)`,
  'RTCPeerConnection: ICE servers': `
    const made = (iceServers) => { try { new RTCPeerConnection({ iceServers }).close(); return 'made' } catch ({ name }) { return name } }
    const account = { username: 'u', credential: 'c' }
    return [undefined, [], [{ urls: 'stun:stun.example.org:19302' }], [{ urls: ['stun:[2001:db8::1]:3478', 'turn:b.example?transport=tcp'], ...account }], {}, null].map(made)`,
  'events: while they are dispatched and after': `
    const [target, other] = [new EventTarget(), new EventTarget()]
    const event = new Event('x')
    const seen = []
    const forward = () => { try { return other.dispatchEvent(event) } catch ({ name }) { return name } }
    target.addEventListener('x', undefined)
    target.addEventListener('x', () => seen.push(event.currentTarget === target, forward()))
    target.dispatchEvent(event)
    return [...seen, event.currentTarget, event.target === target, forward(), event.target === other]`,
  'events: a listener that another one removes': `
    const [target, seen] = [new EventTarget(), []]
    const second = () => seen.push('second')
    target.addEventListener('x', () => {
      seen.push('first')
      target.removeEventListener('x', second)
    })
    target.addEventListener('x', second)
    target.dispatchEvent(new Event('x'))
    return seen`,
  'events: classes of the page': `
    const seen = []
    class Own extends EventTarget {
      onx = () => seen.push('property')
      listeners = new Map([['x', 5]])
      emit() { return this.dispatchEvent(new Event('x')) }
      report() { seen.push('report') }
    }
    const own = new Own()
    own.addEventListener('x', () => seen.push('listener'))
    seen.push(own.emit(), own.listeners.get('x'))
    const controller = new AbortController()
    controller.signal.onabort = () => seen.push('handler')
    controller.abort()
    return seen`,
  'events: a handler beside an addEventListener of the page': `
    const { addEventListener } = EventTarget.prototype
    const seen = []
    EventTarget.prototype.addEventListener = (type) => seen.push(type)
    const controller = new AbortController()
    controller.signal.onabort = () => seen.push('handler')
    EventTarget.prototype.addEventListener = addEventListener
    controller.abort()
    return seen`,
  'events: a handler among listeners': `
    const { signal } = new AbortController()
    const seen = [signal.onabort]
    signal.onabort = () => seen.push('never')
    signal.addEventListener('abort', () => seen.push('first'))
    signal.onabort = null
    signal.onabort = () => seen.push('never')
    signal.addEventListener('abort', () => seen.push('last'))
    signal.onabort = function ({ type }) { seen.push(type, this === signal) }
    signal.dispatchEvent(new Event('abort'))
    signal.onabort = 5
    signal.dispatchEvent(new Event('abort'))
    return [...seen, signal.onabort]`,
  localStorage: `
    localStorage.clear()
    localStorage.setItem('a', 1)
    const seen = [localStorage.getItem('a'), localStorage.getItem('b'), localStorage.length, localStorage.key(0)]
    localStorage.clear()
    return [...seen, localStorage.length]`,
  'localStorage: items as members': `
    localStorage.clear()
    localStorage.a = 5
    localStorage.setItem('b', 6)
    const seen = [localStorage.a, localStorage.getItem('a'), localStorage.b, localStorage.c === undefined]
    seen.push('a' in localStorage, Object.keys(localStorage).sort(), { ...localStorage })
    delete localStorage.a
    seen.push(localStorage.getItem('a'), localStorage.length)
    localStorage.clear()
    localStorage.setItem('key', 'mine')
    localStorage.setItem('length', 'mine')
    seen.push(localStorage.length, typeof localStorage.key, localStorage.getItem('key'))
    localStorage.clear()
    return [...seen, localStorage.b === undefined]`,
  crypto: `
    const array = new Uint8Array(8)
    return [crypto.getRandomValues(array) === array, array.some((byte) => byte > 0), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/.test(crypto.randomUUID())]`,
  ...WEBRTC_PROBES
}

/** Runs a probe: its answer as JSON, or its error. It runs in a page, so it must be self-contained. */
export async function answerOf(code: string): Promise<string> {
  const AsyncFunction = (async () => Promise.resolve()).constructor as new (
    code: string
  ) => () => Promise<unknown>
  try {
    return JSON.stringify((await new AsyncFunction(code)()) ?? null)
  } catch (error) {
    const { name, message } = error as Error
    return `${name}: ${message}`
  }
}
