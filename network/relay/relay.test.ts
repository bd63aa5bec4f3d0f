import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, describe, it } from 'node:test'
import { setImmediate as oneTurn } from 'node:timers/promises'
import { PERFECT } from '../link'
import { parseNetwork } from '../parse'
import { DatagramLink } from './datagram-link'
import { PeerRelay } from './peer-relay'

const PATH = { ...PERFECT, rate: Infinity }

describe('a link of datagrams', () => {
  const arrivals = (seed: number, path: Partial<typeof PATH>, count = 2000) => {
    const link = new DatagramLink(seed)
    return Array.from({ length: count }, (_, i) => link.arrivalOf(100, i, { ...PATH, ...path }))
  }

  it('loses, delays and varies as configured, and repeats with the seed', () => {
    const path = { delay: 40, jitter: 5, loss: 0.1 }
    const one = arrivals(1, path)
    assert.deepEqual(arrivals(1, path), one)
    assert.notDeepEqual(arrivals(2, path), one)
    const lost = one.filter((arrival) => arrival === undefined).length
    assert.ok(Math.abs(lost - 200) < 45, `${lost} of 2000 lost`)
  })

  it('loses the same packets whatever the delay is', () => {
    const lost = (path: Partial<typeof PATH>) =>
      arrivals(7, { loss: 0.1, ...path }).map((at) => at === undefined)
    assert.deepEqual(lost({ delay: 100, jitter: 9 }), lost({}))
  })

  it('keeps packets in order, but for those that overtake', () => {
    const inOrder = arrivals(3, { delay: 40, jitter: 10 }) as number[]
    assert.deepEqual(
      inOrder.toSorted((one, other) => one - other),
      inOrder
    )
    const overtaking = arrivals(3, { delay: 40, reorder: 0.2 }).filter((arrival, i) => arrival === i).length
    assert.ok(Math.abs(overtaking - 400) < 70, `${overtaking} of 2000 overtook`)
  })

  it('keeps its rate, and drops what would wait too long', () => {
    const link = new DatagramLink(1)
    const sent = Array.from({ length: 100 }, () => link.arrivalOf(1000, 0, { ...PATH, rate: 800_000 }))
    assert.deepEqual(sent.slice(0, 3), [10, 20, 30])
    const dropped = sent.filter((arrival) => arrival === undefined).length
    assert.equal(dropped, 74)
  })
})

describe('a relay between peers', () => {
  const sockets: Socket[] = []
  const relay = new PeerRelay((_, number) => 'ab'[number]!)
  after(() => {
    relay.close()
    for (const socket of sockets) socket.close()
  })

  /** A peer's socket, and the texts it receives, with the port that each seems to come from. */
  async function openPeer() {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'listening')
    const heard: { text: string; port: number }[] = []
    socket.on('message', (text, { port }) => heard.push({ text: text.toString(), port }))
    return { socket, heard, port: socket.address().port }
  }

  const sent = (socket: Socket, text: string, port: number) =>
    new Promise((resolve) => {
      socket.send(text, port, '127.0.0.1', resolve)
    })

  const candidateOf = (port: number, kind = 'typ host') => ({
    connectionId: 'c',
    candidate: {
      candidate: `candidate:1 1 udp 2122260223 127.0.0.1 ${port} ${kind} generation 0`,
      sdpMid: '0'
    }
  })
  const portIn = (payload: unknown) =>
    Number((payload as ReturnType<typeof candidateOf>).candidate.candidate.split(' ')[5])

  it('passes everything on unchanged while no test needs it', async () => {
    const payload = candidateOf(4)
    assert.equal(await relay.rewrite({ src: 'a', dst: 'b', payload }), payload)
  })

  it('stands in for each peer, and follows the script', async () => {
    const [a, b] = [await openPeer(), await openPeer()]
    const network = parseNetwork('perfect:1,1s:partition,2s:perfect,perfect:1')
    relay.open({ network, seed: 1, peers: 2, idLength: 1 })
    const standsForA = portIn(await relay.rewrite({ src: 'a', dst: 'b', payload: candidateOf(a.port) }))
    const standsForB = portIn(await relay.rewrite({ src: 'b', dst: 'a', payload: candidateOf(b.port) }))
    assert.equal(await relay.rewrite({ src: 'a', dst: 'b', payload: candidateOf(9) }), undefined)
    assert.equal(await relay.rewrite({ src: 'a', dst: 'b', payload: candidateOf(9, 'typ srflx') }), undefined)

    const exchange = async (text: string, elapsed: number) => {
      let passing = 0
      relay.begin(() => {
        passing++
        return elapsed
      })
      a.socket.send(`${text} from a`, standsForB, '127.0.0.1')
      b.socket.send(`${text} from b`, standsForA, '127.0.0.1')
      // It asks for the time when it decides about a datagram.
      while (passing < 2) await oneTurn()
    }
    await exchange('before', 0)
    await exchange('apart', 1500)
    await exchange('healed', 2500)
    for (const { heard } of [a, b]) while (!heard.at(-1)?.text.startsWith('healed')) await oneTurn()
    assert.deepEqual(b.heard, [
      { text: 'before from a', port: standsForA },
      { text: 'healed from a', port: standsForA }
    ])
    assert.deepEqual(a.heard, [
      { text: 'before from b', port: standsForB },
      { text: 'healed from b', port: standsForB }
    ])
  })

  it('refuses candidates that are not this machine’s own UDP over IPv4', async () => {
    relay.open({ network: parseNetwork('perfect'), seed: 1, peers: 2, idLength: 1 })
    const told = (candidate: string) =>
      relay.rewrite({ src: 'a', dst: 'b', payload: { connectionId: 'x', candidate: { candidate } } })
    await assert.rejects(told('candidate:1 1 udp 1 203.0.113.1 9 typ host'), /EADDRNOTAVAIL/)
    for (const candidate of [
      'candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype active',
      'candidate:1 1 udp 1 ::1 9 typ host',
      'candidate:1 1 udp 1 3f1c.local 9 typ host',
      'candidate:1 1 udp 1 127.0.0.1 9 typ relay'
    ])
      assert.equal(await told(candidate), undefined, candidate)
    const withoutCandidate = { connectionId: 'x', candidate: { candidate: '' } }
    assert.equal(await relay.rewrite({ src: 'a', dst: 'b', payload: withoutCandidate }), withoutCandidate)
  })

  it('drops what arrives before both addresses are known', async () => {
    const [a, b] = [await openPeer(), await openPeer()]
    relay.open({ network: parseNetwork('perfect'), seed: 1, peers: 2, idLength: 1 })
    const standsForA = portIn(await relay.rewrite({ src: 'a', dst: 'b', payload: candidateOf(a.port) }))
    await sent(b.socket, 'too early', standsForA)
    // On this machine, what was sent has arrived: the relay reads it in the event loop's next turn.
    for (let turn = 0; turn < 3; turn++) await oneTurn()
    await relay.rewrite({ src: 'b', dst: 'a', payload: candidateOf(b.port) })
    await sent(b.socket, 'in time', standsForA)
    while (a.heard.length === 0) await oneTurn()
    assert.deepEqual(
      a.heard.map(({ text }) => text),
      ['in time']
    )
  })

  it('rewrites the candidates of a session description and leaves out others', async () => {
    const { port } = await openPeer()
    relay.open({ network: parseNetwork('perfect'), seed: 1, peers: 2, idLength: 1 })
    const sdp = `v=0\r\na=candidate:1 1 udp 2122260223 127.0.0.1 ${port} typ host\r\na=candidate:2 1 tcp 1 127.0.0.1 9 typ host tcptype active\r\na=mid:0\r\n`
    const payload = { connectionId: 'd', sdp: { type: 'offer', sdp } }
    const rewritten = (await relay.rewrite({ src: 'a', dst: 'b', payload })) as typeof payload
    const lines = rewritten.sdp.sdp.split('\r\n')
    assert.equal(lines.length, 4)
    assert.match(lines[1]!, /^a=candidate:1 1 udp 2122260223 127\.0\.0\.1 \d+ typ host$/)
    assert.notEqual(lines[1]!.split(' ')[5], String(port))
    assert.equal(rewritten.sdp.type, 'offer')
  })
})
