/** What a page can find out about WebRTC: see probes.ts. */

/** Two connections that tell each other their candidates. */
const PAIR = `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate)
    b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate)`
/** One round of offer and answer between them. */
const NEGOTIATED = `
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)`

export const WEBRTC_PROBES: Readonly<Record<string, string>> = {
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
    ${PAIR}
    const once = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }))
    const seen = []
    const first = a.createDataChannel('first', { ordered: false, maxRetransmits: 2, protocol: 'p' })
    const [mine, yours] = [a, b].map((each) => each.createDataChannel('both', { negotiated: true, id: 9 }))
    const announced = once(b, 'datachannel')
    const opened = Promise.all([once(first, 'open'), once(mine, 'open'), once(yours, 'open')])
    ${NEGOTIATED}
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
  'RTCDataChannel: open when it is announced': `
    ${PAIR}
    const seen = []
    b.ondatachannel = ({ channel }) => {
      seen.push(channel.readyState)
      channel.onopen = () => seen.push('open event')
      channel.send('at once')
      seen.push('sent')
    }
    const channel = a.createDataChannel('x')
    const heard = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data) })
    ${NEGOTIATED}
    seen.push(await heard)
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCPeerConnection: negotiated again': `
    ${PAIR}
    const channel = a.createDataChannel('x')
    const opened = new Promise((resolve) => { channel.onopen = resolve })
    const negotiate = async () => {
      await a.setLocalDescription(await a.createOffer())
      await b.setRemoteDescription(a.localDescription)
      const offered = await b.createOffer().catch(({ name }) => name)
      await b.setLocalDescription(await b.createAnswer())
      await a.setRemoteDescription(b.localDescription)
      return offered
    }
    await negotiate()
    await opened
    const pause = () => new Promise((resolve) => setTimeout(resolve, 500))
    await pause()
    const seen = []
    for (const type of ['icecandidate', 'icegatheringstatechange']) a.addEventListener(type, () => seen.push(type))
    seen.push(await negotiate())
    await pause()
    seen.push(a.connectionState, channel.readyState)
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCDataChannel: ids of later channels': `
    ${PAIR}
    const moment = () => new Promise((resolve) => setTimeout(resolve, 200))
    const seen = []
    const make = () => [a, b].map((each) => {
      const channel = each.createDataChannel('same', { negotiated: true, id: 3 })
      for (const type of ['open', 'message', 'close']) channel.addEventListener(type, ({ data = '' }) => seen.push(type + data))
      return channel
    })
    const [first] = make()
    const others = [a.createDataChannel('x'), a.createDataChannel('y')]
    ${NEGOTIATED}
    await moment()
    seen.push(others.map(({ id }) => id))
    for (const channel of [first, others[0]]) channel.close()
    await moment()
    seen.push(a.createDataChannel('z').id, b.createDataChannel('back').id)
    const [, second] = make()
    await moment()
    second.send('5')
    await moment()
    a.close()
    await moment()
    const late = [b.createDataChannel('late'), b.createDataChannel('late', { negotiated: true, id: 9 })]
    await moment()
    seen.push(b.connectionState, late.map(({ readyState }) => readyState))
    b.close()
    return seen`,
  'RTCPeerConnection: the end of candidates before a description': `
    const connection = new RTCPeerConnection()
    const ends = [undefined, null, {}, { candidate: '' }, { candidate: '', sdpMid: '0' }]
    const answers = await Promise.all(ends.map((end) => connection.addIceCandidate(end).then(() => 'fine', ({ name }) => name)))
    connection.close()
    return [answers, await connection.addIceCandidate().catch(({ name }) => name)]`,
  'RTCPeerConnection: an offer that comes twice': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    const seen = []
    b.onsignalingstatechange = () => seen.push(b.signalingState)
    a.createDataChannel('x')
    const offer = await a.createOffer()
    for (let i = 0; i < 2; i++) await b.setRemoteDescription(offer)
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCPeerConnection: descriptions that nobody has made': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    const channel = a.createDataChannel('x')
    const opened = new Promise((resolve) => { channel.onopen = () => resolve('open') })
    const gathered = (each) => new Promise((resolve) => { each.onicegatheringstatechange = () => each.iceGatheringState === 'complete' && resolve() })
    await Promise.all([gathered(a), a.setLocalDescription({ type: 'offer' })])
    await b.setRemoteDescription(a.localDescription)
    await Promise.all([gathered(b), b.setLocalDescription({ type: 'answer' })])
    await a.setRemoteDescription(b.localDescription)
    const seen = [await opened]
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCPeerConnection: two offers before either is set': `
    ${PAIR}
    // It may come before b has a description.
    a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate).catch(() => {})
    const channel = a.createDataChannel('x')
    const opened = new Promise((resolve) => { channel.onopen = () => resolve('open') })
    const offers = await Promise.all([a.createOffer(), a.createOffer()])
    const seen = []
    for (const offer of [...offers, offers[0]])
      seen.push(await a.setLocalDescription(offer).then(() => 'fine', ({ name }) => name))
    ${NEGOTIATED}
    seen.push(await opened)
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCIceCandidate: copies of its members': `
    const connection = new RTCPeerConnection()
    connection.createDataChannel('x')
    const found = new Promise((resolve) => { connection.onicecandidate = resolve })
    await connection.setLocalDescription(await connection.createOffer())
    const { candidate } = await found
    const { localDescription } = connection
    connection.close()
    return [{ ...candidate }, Object.assign({}, localDescription), Object.keys(candidate.toJSON()), Object.keys(localDescription.toJSON()).sort()]`,
  'RTCPeerConnection: a candidate without its place': `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()]
    a.createDataChannel('x')
    await b.setRemoteDescription(await a.createOffer())
    const given = { candidate: 'candidate:1 1 udp 1 10.0.0.1 5000 typ host' }
    return b.addIceCandidate(given).then(() => 'fine', ({ name }) => name)`,
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
    const seen = [{ maxRetransmits: null }, { maxPacketLifeTime: '5.7', ordered: 0 }, { maxRetransmits: -1 }, { maxRetransmits: 65_536 }, { maxPacketLifeTime: NaN }, { maxRetransmits: undefined }, Object.create({ maxRetransmits: 2 }), null].map(shown)
    connection.close()
    return seen`,
  'RTCDataChannel: what a message becomes': `
    ${PAIR}
    const channel = a.createDataChannel('x')
    const announced = new Promise((resolve) => { b.ondatachannel = ({ channel }) => resolve(channel) })
    const opened = new Promise((resolve) => { channel.onopen = resolve })
    ${NEGOTIATED}
    const [far] = await Promise.all([announced, opened])
    const heard = []
    const last = new Promise((resolve) => { far.onmessage = ({ data }) => heard.push(data.at ? data : [...new Uint8Array(data)]) === 7 && resolve() })
    const { buffer } = new Uint8Array([1, 2, 3, 4])
    for (const each of [5, null, {}, [1, 2], '\\ud800ä', buffer, new DataView(buffer, 1, 2)]) channel.send(each)
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
    a.addEventListener('iceconnectionstatechange', () => seen.push(a.iceConnectionState))
    const failed = new Promise((resolve) => { a.addEventListener('connectionstatechange', () => {
      if (a.connectionState === 'failed') resolve('failed')
    }) })
    await a.addIceCandidate(found)
    seen.push(await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 30_000))]))
    const seconds = (performance.now() - from) / 1000
    a.close()
    return [seen, seconds > 14 && seconds < 25]`,
  'RTCPeerConnection: the first states of an attempt': `
    ${PAIR}
    const changed = (each, name) => new Promise((resolve) =>
      each.addEventListener(name.toLowerCase() + 'change', () => resolve(each[name]), { once: true }))
    const states = [a, b].flatMap((each) => ['iceConnectionState', 'connectionState'].map((name) => changed(each, name)))
    a.createDataChannel('x')
    ${NEGOTIATED}
    const seen = await Promise.all(states)
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCDataChannel: fields that the page sets': `
    ${PAIR}
    const own = { connection: null, early: null, open: true, page: 'own', receive: null, received: 0, sent: 0, transport: null }
    const channel = Object.assign(a.createDataChannel('x'), own)
    const opened = new Promise((resolve) => { channel.onopen = resolve })
    const heard = new Promise((resolve) => {
      b.ondatachannel = ({ channel: far }) => { Object.assign(far, own).onmessage = ({ data }) => resolve(data) }
    })
    ${NEGOTIATED}
    await opened
    channel.send('x')
    const seen = [await heard, { ...channel }]
    for (const each of [a, b]) each.close()
    return seen`,
  'RTCPeerConnection: members of a class of the page': `
    class Own extends RTCPeerConnection {
      isClosed = false
      id = 'own'
      remote = undefined
      emit() {}
      close() { super.close(); this.isClosed = true }
    }
    const [a, b] = [new Own(), new Own()]
    a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate)
    b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate)
    const channel = a.createDataChannel('x')
    const opened = new Promise((resolve) => { channel.onopen = resolve })
    ${NEGOTIATED}
    const changed = new Promise((resolve) => b.addEventListener('connectionstatechange', () => b.connectionState === 'disconnected' && resolve(b.connectionState)))
    await opened
    await new Promise((resolve) => setTimeout(resolve, 500))
    a.close()
    const state = await Promise.race([changed, new Promise((resolve) => setTimeout(resolve, 20_000, 'unnoticed'))])
    b.close()
    return [a.id, a.isClosed, a.connectionState, state, Object.keys(a).sort()]`,
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
  'RTCPeerConnection: an offer of a closed one': `
    const closed = new RTCPeerConnection()
    closed.close()
    return closed.createOffer().then(() => 'fine', ({ name }) => name)`,
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
