/**
 * What a page can see of its browser. The same probes run in a real Chromium and in the simulated browser:
 * each must give the same answer. They run in pages, so each must be self-contained.
 */

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
    for (const body of ['a=1', '{', new URLSearchParams({ a: '1 2' }), {}, 5, null, undefined]) seen.push(await echo({ body }))
    seen.push(await echo({ body: '{', headers: { 'Content-Type': 'application/json' } }))
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
  'WebSocket: bad addresses': `
    return ['ftp://x/', 'nonsense:', 'ws://x/#part'].map((url) => { try { new WebSocket(url); return 'made' } catch ({ name }) { return name } })`,
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
  'wrong addresses and texts': `
    const name = (action) => { try { action(); return 'fine' } catch (error) { return [error.name, error instanceof Error] } }
    return [name(() => new URL('nowhere')), name(() => atob('*')), name(() => new TextDecoder('none')), name(() => crypto.getRandomValues([]))]`,
  'RTCPeerConnection: sctp and getStats': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    const seen = []
    const both = () => [a, b].map(({ sctp }) => sctp && [sctp.state, sctp.maxMessageSize, sctp.maxChannels])
    const ofType = async (connection, type) => [...(await connection.getStats()).values()].filter((each) => each.type === type)
    const channels = async () => {
      const found = []
      for (const connection of [a, b])
        for (const each of await ofType(connection, 'data-channel')) found.push([each.dataChannelIdentifier, each.label, each.protocol, each.state, each.messagesSent, each.bytesSent, each.messagesReceived, each.bytesReceived])
      return found
    }
    const counts = async (connection) => (await ofType(connection, 'peer-connection')).map(({ dataChannelsOpened, dataChannelsClosed }) => [dataChannelsOpened, dataChannelsClosed])
    a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate)
    b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate)
    const channel = a.createDataChannel('x', { protocol: 'p' })
    const announced = new Promise((resolve) => { b.ondatachannel = ({ channel }) => resolve(channel) })
    seen.push(both(), await counts(a), await channels())
    await a.setLocalDescription(await a.createOffer())
    seen.push(both(), [a.localDescription, a.localDescription.toJSON()].map(({ type }) => type))
    await b.setRemoteDescription(a.localDescription)
    seen.push(both(), b.remoteDescription instanceof RTCSessionDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)
    seen.push([a.sctp, b.sctp].map(({ maxMessageSize }) => maxMessageSize))
    const far = await announced
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen.push(both(), a.sctp === a.sctp)
    const last = new Promise((resolve) => { far.onmessage = ({ data, isTrusted }) => data === 'last' && resolve(isTrusted) })
    channel.send('ä')
    channel.send(new Uint8Array(10))
    channel.send('last')
    seen.push(await last)
    far.send('back')
    await new Promise((resolve) => { channel.onmessage = resolve })
    seen.push(await channels(), await counts(a), await counts(b))
    const report = await a.getStats()
    const transport = [...report.values()].find(({ type }) => type === 'transport')
    const pair = report.get(transport.selectedCandidatePairId)
    const [near, other] = [report.get(pair.localCandidateId), report.get(pair.remoteCandidateId)]
    seen.push(Math.abs(pair.timestamp - Date.now()) < 5000, pair.type, pair.state, pair.nominated, pair.writable, pair.transportId === transport.id)
    seen.push([near, other].map((each) => [each.type, each.candidateType, each.protocol, each.isRemote, each.ip === each.address, each.transportId === transport.id]))
    seen.push([...new Set([...report.values()].map(({ type }) => type))].sort())
    const second = a.createDataChannel('second')
    await new Promise((resolve) => { second.onopen = resolve })
    second.close()
    await new Promise((resolve) => { second.onclose = resolve })
    seen.push(await channels(), await counts(a))
    const { sctp } = a
    const heard = new Promise((resolve) => { far.onclose = resolve })
    a.close()
    seen.push(sctp.state, a.sctp === sctp, (await ofType(a, 'transport')).length)
    await heard
    // Chromium answers with a report of the last 50 ms.
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen.push(both(), await counts(b))
    b.close()
    return seen`,
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
  localStorage: `
    localStorage.clear()
    localStorage.setItem('a', 1)
    const seen = [localStorage.getItem('a'), localStorage.getItem('b'), localStorage.length, localStorage.key(0)]
    localStorage.clear()
    return [...seen, localStorage.length]`,
  crypto: `
    const array = new Uint8Array(8)
    return [crypto.getRandomValues(array) === array, array.some((byte) => byte > 0), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/.test(crypto.randomUUID())]`,
  'RTCDataChannel: options': `
    const connection = new RTCPeerConnection()
    const shown = (options) => {
      try {
        const { label, ordered, maxRetransmits, maxPacketLifeTime, protocol, negotiated, id, readyState, bufferedAmount, bufferedAmountLowThreshold, binaryType } = connection.createDataChannel('l', options)
        return [label, ordered, maxRetransmits, maxPacketLifeTime, protocol, negotiated, id, readyState, bufferedAmount, bufferedAmountLowThreshold, binaryType]
      } catch ({ name }) {
        return name
      }
    }
    const seen = [undefined, { ordered: false }, { maxRetransmits: 0 }, { maxPacketLifeTime: 100, protocol: 'p' }, { negotiated: true, id: 7 }, { negotiated: true, id: 7 },
      { negotiated: true }, { id: 3 }, { maxRetransmits: 1, maxPacketLifeTime: 1 }, { negotiated: true, id: 65535 }].map(shown)
    connection.close()
    return [...seen, shown(), connection.signalingState]`,
  'RTCDataChannel: from one end to the other': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate)
    b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate)
    const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }))
    const seen = []
    const first = a.createDataChannel('first', { ordered: false, maxRetransmits: 2, protocol: 'p' })
    const [mine, yours] = [a, b].map((each) => each.createDataChannel('both', { negotiated: true, id: 9 }))
    const announced = once(b, 'datachannel')
    const opened = Promise.all([once(first, 'open'), once(mine, 'open'), once(yours, 'open')])
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)
    const { channel } = await announced
    await opened
    if (channel.readyState !== 'open') await once(channel, 'open')
    seen.push([channel.label, channel.ordered, channel.maxRetransmits, channel.maxPacketLifeTime, channel.protocol, channel.negotiated, channel.id, first.id])
    const second = a.createDataChannel('second')
    seen.push(second.readyState)
    const { channel: farSecond } = await once(b, 'datachannel')
    if (second.readyState !== 'open') await once(second, 'open')
    seen.push([second.id, farSecond.id, farSecond.label, farSecond.ordered])
    const back = b.createDataChannel('back')
    await once(a, 'datachannel')
    seen.push(['back', back.id])
    farSecond.binaryType = 'arraybuffer'
    const message = once(farSecond, 'message')
    second.send(new Uint8Array([1, 2, 3]))
    seen.push(['buffered', second.bufferedAmount])
    const { data, target } = await message
    seen.push([data instanceof ArrayBuffer, [...new Uint8Array(data)], target === farSecond])
    const text = once(yours, 'message')
    mine.send('text')
    seen.push((await text).data)
    second.bufferedAmountLowThreshold = 10
    const low = once(second, 'bufferedamountlow')
    second.send('x'.repeat(1000))
    seen.push((await low).type, second.bufferedAmount)
    second.send('x'.repeat(1000))
    seen.push((await once(second, 'bufferedamountlow')).type)
    const endOf = (end) => {
      const events = []
      for (const type of ['closing', 'error', 'close'])
        end.addEventListener(type, ({ error }) => events.push([type, end.readyState, error && [error instanceof DOMException, error.name, error.message, error.errorDetail, error.sctpCauseCode]]))
      return events
    }
    const secondEnds = [second, farSecond].map(endOf)
    const [nearClosed, farClosed] = [once(second, 'close'), once(farSecond, 'close')]
    second.close()
    seen.push(second.readyState)
    await nearClosed
    await farClosed
    seen.push(secondEnds)
    try { second.send('x') } catch ({ name }) { seen.push(name) }
    const ends = [first, channel].map(endOf)
    const heard = once(channel, 'close')
    a.close()
    seen.push(a.connectionState, first.readyState)
    await heard
    await new Promise((resolve) => setTimeout(resolve, 50))
    seen.push([first.readyState, ends, b.connectionState])
    b.close()
    return seen`,
  'RTCDataChannel: what options become': `
    const connection = new RTCPeerConnection()
    const shown = (options) => {
      try {
        const { ordered, maxRetransmits, maxPacketLifeTime } = connection.createDataChannel('x', options)
        return [ordered, maxRetransmits, maxPacketLifeTime]
      } catch ({ name }) {
        return name
      }
    }
    const seen = [{ maxRetransmits: null }, { maxPacketLifeTime: '5.7', ordered: 0 }, { maxRetransmits: -1 }, { maxRetransmits: 65_536 }, { maxPacketLifeTime: NaN }, { maxRetransmits: undefined }, null].map(shown)
    connection.close()
    return seen`,
  'RTCDataChannel: what a message becomes': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate)
    b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate)
    const channel = a.createDataChannel('x')
    const announced = new Promise((resolve) => { b.ondatachannel = ({ channel }) => resolve(channel) })
    const opened = new Promise((resolve) => { channel.onopen = resolve })
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)
    const [far] = await Promise.all([announced, opened])
    const heard = []
    const last = new Promise((resolve) => { far.onmessage = ({ data }) => heard.push(data) === 5 && resolve() })
    for (const each of [5, null, {}, [1, 2], 'ä']) channel.send(each)
    const buffered = channel.bufferedAmount
    let [sent, error] = [0]
    try {
      for (; sent < 100; sent++) channel.send(new Uint8Array(200_000))
    } catch ({ name }) {
      error = name
    }
    await last
    for (const each of [a, b]) each.close()
    return [heard, buffered, sent, error]`,
  'RTCPeerConnection: nobody answers its checks': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    a.createDataChannel('x')
    const candidate = new Promise((resolve) => { b.onicecandidate = ({ candidate }) => candidate && resolve(candidate) })
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    // Without candidates, so that b is gone before a begins.
    const answer = await b.createAnswer()
    await b.setLocalDescription(answer)
    const found = await candidate
    b.close()
    await a.setRemoteDescription(answer)
    const from = performance.now()
    const seen = []
    a.addEventListener('iceconnectionstatechange', () => {
      // The simulation has no state for attempts.
      if (a.iceConnectionState !== 'checking') seen.push(a.iceConnectionState)
    })
    const failed = new Promise((resolve) => { a.addEventListener('connectionstatechange', () => {
      if (a.connectionState === 'failed') resolve('failed')
    }) })
    await a.addIceCandidate(found)
    seen.push(await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 30_000))]))
    const seconds = (performance.now() - from) / 1000
    a.close()
    return [seen, seconds > 14 && seconds < 25]`,
  'RTCPeerConnection: asked in the wrong state': `
    const asked = (promise) => Promise.race([
      promise.then(() => 'fine', ({ name }) => name),
      new Promise((resolve) => setTimeout(resolve, 1000, 'no answer'))
    ])
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    const candidate = { candidate: 'candidate:1 1 udp 1 10.0.0.1 5000 typ host', sdpMid: '0', sdpMLineIndex: 0 }
    a.createDataChannel('x')
    const seen = [await asked(a.createAnswer())]
    const offer = await a.createOffer()
    await a.setLocalDescription(offer)
    seen.push(await asked(b.addIceCandidate(candidate)))
    await b.setRemoteDescription(offer)
    const answer = await b.createAnswer()
    await b.setLocalDescription(answer)
    await a.setRemoteDescription(answer)
    seen.push(await asked(a.setRemoteDescription(answer)))
    a.close()
    b.close()
    for (const ask of [() => a.createOffer(), () => a.createAnswer(), () => a.setLocalDescription(offer), () => a.setRemoteDescription(answer), () => a.addIceCandidate(candidate)])
      seen.push(await asked(ask()))
    return seen`,
  'RTCPeerConnection: candidates within a description': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    const seen = []
    a.onicegatheringstatechange = () => seen.push(a.iceGatheringState)
    const gathered = new Promise((resolve) => { a.onicecandidate = ({ candidate }) => candidate || resolve(seen.push('last')) })
    const channel = a.createDataChannel('x')
    const opened = new Promise((resolve) => { channel.onopen = () => resolve('open') })
    await a.setLocalDescription(await a.createOffer())
    await gathered
    await b.setRemoteDescription(a.localDescription)
    const answer = await b.createAnswer()
    await b.setLocalDescription(answer)
    await a.setRemoteDescription(answer)
    seen.push(await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 5000, 'never'))]))
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCPeerConnection: no candidates but their end': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    const channel = a.createDataChannel('x')
    const offer = await a.createOffer()
    await a.setLocalDescription(offer)
    await b.setRemoteDescription(offer)
    const answer = await b.createAnswer()
    await b.setLocalDescription(answer)
    await a.setRemoteDescription(answer)
    for (const end of [undefined, null, { candidate: '', sdpMid: '0' }]) await a.addIceCandidate(end)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const { readyState } = channel
    for (const each of [a, b]) each.close()
    return readyState`,
  'RTCPeerConnection: candidates and descriptions': `
    const connection = new RTCPeerConnection()
    const channel = connection.createDataChannel('x')
    const offer = await connection.createOffer()
    const seen = [offer.type, typeof offer.sdp, connection.signalingState, connection.localDescription]
    await connection.setLocalDescription(offer)
    seen.push(connection.signalingState, connection.localDescription.type, connection.getSenders().length)
    for (const type of ['closing', 'error', 'close']) channel.addEventListener(type, () => seen.push(type, channel.readyState))
    connection.close()
    await new Promise((resolve) => setTimeout(resolve, 50))
    return [...seen, channel.readyState]`
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
