import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, describe, it } from 'node:test'
import { setImmediate as oneTurn, setTimeout } from 'node:timers/promises'
import type { Nat } from '../../cli/network/link'
import { partOf } from '../../cli/network/assignment'
import { parseNetwork } from '../../cli/network/parse'
import { PeerRelay } from './peer-relay'
import { Schedule } from './schedule'

describe('a schedule', () => {
  it('runs tasks in the order in which they are due, and of planning', async () => {
    const schedule = new Schedule()
    const ran: string[] = []
    await new Promise<void>((resolve) => {
      // Planned inside a task: no event is due before all are planned.
      schedule.at(0, () => {
        schedule.at(9, () => {
          ran.push('last')
          resolve()
        })
        for (const due of [3, 1, 2.9, 3.1, -5, 3])
          schedule.at(due, () => {
            ran.push(`${due}`)
            if (due === 1) schedule.at(1, () => ran.push('1 again'))
          })
      })
    })
    assert.deepEqual(ran, ['-5', '1', '1 again', '2.9', '3', '3', '3.1', 'last'])
  })

  it('runs nothing once it is closed', async () => {
    const schedule = new Schedule()
    let ran = 0
    schedule.at(2, () => ran++)
    // On a busy machine it was due before it was planned, and has run.
    const ranBefore = ran
    schedule.close()
    const later = new Schedule()
    await new Promise<void>((resolve) => later.at(4, resolve))
    assert.equal(ran, ranBefore)
  })
})

describe('a relay between peers', () => {
  const sockets: Socket[] = []
  const relay = new PeerRelay((_, number) => 'abcde'[number]!)
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
    new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve))

  const candidateOf = (port: number, kind = 'typ host') => ({
    connectionId: 'c',
    candidate: {
      candidate: `candidate:1 1 udp 2122260223 127.0.0.1 ${port} ${kind} generation 0`,
      sdpMid: '0'
    }
  })
  const portIn = (payload: unknown) =>
    Number((payload as ReturnType<typeof candidateOf>).candidate.candidate.split(' ')[5])

  /** Opens a test with these peers, and returns them with the ports at which each reaches each other. */
  async function connect<Name extends string>(network: string, names: readonly Name[]) {
    relay.open({ network: parseNetwork(network), seed: 1, peers: names.length, idLength: 1 })
    const peers = await Promise.all(
      names.map(async (name) => ({ name, ports: {} as Record<Name, number>, ...(await openPeer()) }))
    )
    for (const one of peers)
      for (const other of peers)
        if (one !== other) {
          const payload = candidateOf(one.port)
          other.ports[one.name] = portIn(await relay.rewrite({ src: one.name, dst: other.name, payload }))
        }
    return peers
  }

  type Peer = Awaited<ReturnType<typeof openPeer>>
  /** Waits until the peers have heard as many messages, in total. */
  const hear = async (count: number, ...peers: Peer[]) => {
    while (peers.flatMap(({ heard }) => heard).length < count)
      await Promise.race(peers.map(({ socket }) => once(socket, 'message')))
  }

  it('keeps the order of datagrams while the delay varies', async () => {
    const [a, b] = await connect('delay=20ms,jitter=10ms', ['a', 'b'])
    for (let number = 0; number < 400; number++) {
      // A socket's buffer holds fewer than 300 small datagrams; on a busy machine the kernel drops the rest.
      if (number >= 100) await hear(number - 99, b!)
      await sent(a!.socket, String(number), a!.ports.b)
      if (number % 4 === 3) await oneTurn()
    }
    await hear(400, b!)
    assert.deepEqual(
      b!.heard.map(({ text }) => text),
      Array.from({ length: 400 }, (_, number) => String(number))
    )
  })

  /** Sends `last` to one of `peers` until it arrives. Returns how many others they have heard by then. */
  const heardBeforeLast = async (from: Socket, port: number, ...peers: Peer[]) => {
    const texts = () => peers.flatMap(({ heard }) => heard).map(({ text }) => text)
    while (!texts().includes('last')) {
      await sent(from, 'last', port)
      await setTimeout(50)
    }
    return texts().filter((text) => text !== 'last').length
  }
  /** 1,000 bytes take 125 ms; the fourth would wait for longer than 250 ms. Some may be sent late. */
  const mostSince = (began: number) => 3 + (performance.now() - began) / 125

  it('gives a peer one line up for all its connections', async () => {
    const [a, ...others] = await connect('up=64kbit:1,perfect:4', ['a', 'b', 'c', 'd', 'e'])
    const narrow = [a!, ...others].find(({ name }) => partOfPeer(name) === 0)!
    const wide = [a!, ...others].filter((peer) => peer !== narrow)
    const began = performance.now()
    for (let round = 0; round < 5; round++)
      for (const { name } of wide) narrow.socket.send('x'.repeat(1000), narrow.ports[name], '127.0.0.1')
    await hear(3, ...wide)
    const count = await heardBeforeLast(narrow.socket, narrow.ports[wide[0]!.name], ...wide)
    assert.ok(count <= mostSince(began), `${count}`)
  })

  it('gives a peer one line down for all its connections', async () => {
    const peers = await connect('down=64kbit:1,perfect:4', ['a', 'b', 'c', 'd', 'e'])
    const narrow = peers.find(({ name }) => partOfPeer(name) === 0)!
    const wide = peers.filter((peer) => peer !== narrow)
    const began = performance.now()
    for (let round = 0; round < 5; round++)
      for (const { socket, ports } of wide) socket.send('x'.repeat(1000), ports[narrow.name], '127.0.0.1')
    await hear(3, narrow)
    const count = await heardBeforeLast(wide[0]!.socket, wide[0]!.ports[narrow.name], narrow)
    assert.ok(count <= mostSince(began), `${count}`)
  })

  const partOfPeer = (name: string) => partOf(parseNetwork('perfect:1,perfect:4'), 1, 'abcde'.indexOf(name))

  it('lets pairs of parts have paths of their own, one way', async () => {
    const [a, b] = await connect('perfect:1,perfect:1,1>2:loss=90%,2>1:delay=1ms', ['a', 'b'])
    const [first, second] = partOf(parseNetwork('perfect:1,perfect:1'), 1, 0) === 0 ? [a!, b!] : [b!, a!]
    for (let number = 0; number < 200; number++) {
      await sent(first.socket, 'out', first.ports[second.name])
      await sent(second.socket, 'back', second.ports[first.name])
    }
    await hear(200, first)
    assert.ok(second.heard.length < 50, `${second.heard.length} of 200`)
  })

  const kinds: [one: Nat, other: Nat, connects: boolean][] = [
    ['open', 'open', true],
    ['open', 'restricted', true],
    ['open', 'symmetric', true],
    ['restricted', 'restricted', true],
    ['restricted', 'symmetric', false],
    ['symmetric', 'symmetric', false]
  ]
  for (const [one, other, connects] of kinds) {
    it(`${connects ? 'connects' : 'does not connect'} peers behind routers that are ${one} and ${other}`, async () => {
      const [a, b] = await connect(`nat=${one}:1,nat=${other}:1`, ['a', 'b'])
      // As ICE does: to the candidate, and to each port that a message came from.
      for (let round = 0; round < 4; round++) {
        for (const [peer, candidate] of [
          [a!, a!.ports.b],
          [b!, b!.ports.a]
        ] as const)
          for (const port of new Set([candidate, ...peer.heard.map((message) => message.port)]))
            await sent(peer.socket, 'hello', port)
        for (let turn = 0; turn < 10; turn++) await oneTurn()
      }
      if (connects) await Promise.all([hear(1, a!), hear(1, b!)])
      else assert.deepEqual([a!.heard, b!.heard], [[], []])
    })
  }

  it('sends from one port to all destinations, or from one for each behind a symmetric router', async () => {
    for (const [nat, ports] of [
      ['restricted', 1],
      ['symmetric', 2]
    ] as const) {
      const [a, b] = await connect(`nat=${nat}:1,nat=open:1`, ['a', 'b'])
      const hidden = partOf(parseNetwork('perfect:1,perfect:1'), 1, 0) === 0 ? a! : b!
      const open = hidden === a ? b! : a!
      await sent(hidden.socket, 'hello', hidden.ports[open.name])
      await hear(1, open)
      const advertised = open.ports[hidden.name]
      assert.equal(new Set([advertised, open.heard[0]!.port]).size, ports, nat)
    }
  })

  it('passes everything on unchanged while no test needs it', async () => {
    relay.close()
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

  it('knows peers that have come back any number of times, and refuses strangers', async () => {
    const churned = new PeerRelay((_, number, incarnation) => `${number}/${incarnation}`)
    churned.open({ network: parseNetwork('perfect'), seed: 1, peers: 2, idLength: 3 })
    const { port } = await openPeer()
    const told = (src: string, dst: string) => churned.rewrite({ src, dst, payload: candidateOf(port) })
    assert.ok(portIn(await told('0/0', '1/300')))
    assert.ok(portIn(await told('1/300', '0/0')))
    await assert.rejects(told('stranger', '0/0'), /^Error: No peer of the test has the id stranger/)
    churned.close()
  })

  it('refuses candidates that are not this machine’s own UDP over IPv4', async () => {
    relay.open({ network: parseNetwork('perfect'), seed: 1, peers: 2, idLength: 1 })
    const told = (candidate: string) =>
      relay.rewrite({ src: 'a', dst: 'b', payload: { connectionId: candidate, candidate: { candidate } } })
    await assert.rejects(told('candidate:1 1 udp 1 203.0.113.1 9 typ host'), /EADDRNOTAVAIL/)
    for (const candidate of [
      'candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype active',
      'candidate:1 1 udp 1 ::1 9 typ host',
      'candidate:1 1 udp 1 3f1c.local 9 typ host',
      'candidate:1 1 udp 1 127.0.0.1 9 typ relay',
      'candidate:1 1 udp 1 127.0.0.1 0 typ host',
      'candidate:1 1 udp 1 127.0.0.1 65536 typ host'
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
