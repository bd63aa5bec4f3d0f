import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../protocol/random'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { Overtaking } from '../../cli/network/route'
import { CLOSE, OPEN, type Reliability, type Sent } from './data-channel'
import { HEADER_BYTES } from './dcsctp'
import { Sctp } from './sctp'

const never = () => false
const RELIABLE: Reliability = { ordered: true, maxRetransmits: Infinity, maxPacketLifeTime: Infinity }
const packet = (number: number) => new Uint8Array(100).fill(number & 0xff)

/**
 * Sends `count` packets, one every `period` ms, over a link with a delay of 40 ms. `isLost` decides which are
 * lost.
 */
async function deliver(
  count: number,
  period: number,
  isLost: (attempt: number) => boolean,
  sent?: Uint8Array,
  limits: Partial<Reliability> = {}
) {
  const time = new VirtualTime()
  const thread = new Thread(time)
  const arrived: { at: number }[] = []
  let attempts = 0
  const sctp = new Sctp({
    sender: thread,
    receiver: thread,
    forward: () => (isLost(attempts++) ? undefined : time.now + 40),
    back: () => time.now + 40
  }).open({ ...RELIABLE, ...limits }, () => arrived.push({ at: time.now }))
  for (let number = 0; number < count; number++) {
    time.at(number * period, () => sctp.send(sent ?? packet(number)))
  }
  await time.run(never)
  return { arrived, attempts }
}

describe('SCTP', () => {
  it('carries text as UTF-8', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const sizes: number[] = []
    const forward = (bytes: number) => {
      sizes.push(bytes - HEADER_BYTES)
      return time.now
    }
    const sctp = new Sctp({ sender: thread, receiver: thread, forward, back: () => time.now })
    sctp.open(RELIABLE, () => undefined).send('ä'.repeat(1000))
    await time.run(never)
    assert.deepEqual(sizes, [1160, 840])
  })

  it('sends again in one datagram what has been lost, as far as it fits, and nothing new besides', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const sizes: number[][] = []
    const forward = (bytes: number) => {
      sizes.push([time.now, bytes])
      return time.now < 1000 ? undefined : time.now + 40
    }
    const arrived: number[] = []
    const sctp = new Sctp({ sender: thread, receiver: thread, forward, back: () => time.now + 40 })
    const stream = sctp.open(RELIABLE, (each) => arrived.push((each as Uint8Array)[0]!))
    for (let number = 0; number < 5; number++) stream.send(new Uint8Array(300).fill(number))
    time.at(600, () => stream.send(packet(5)))
    await time.run(never)
    const bytes = (...messages: number[]) => messages.reduce((sum, each) => sum + 16 + each, 41)
    assert.deepEqual(sizes.slice(-3), [
      [500, bytes(300, 300, 300)],
      [1500, bytes(300, 300, 300)],
      [1780, bytes(300, 300, 100)]
    ])
    assert.deepEqual(arrived, [0, 1, 2, 3, 4, 5])
  })

  it('sends nothing after its abort, even if the page closes as what waited expires', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const sent: number[] = []
    const forward = () => void sent.push(time.now)
    const sctp = new Sctp({ sender: thread, receiver: thread, forward, back: () => time.now })
    const stream = sctp.open({ ...RELIABLE, maxPacketLifeTime: 50 }, () => undefined)
    stream.onSent = () => {
      if (time.now > 0 && stream.bufferedAmount === 0) sctp.abort()
    }
    for (let number = 0; number < 20; number++) stream.send(new Uint8Array(1000))
    await time.run(() => time.now > 60_000)
    assert.deepEqual([...new Set(sent)], [0, 500])
  })

  it('keeps the receiver as busy with chunks in one datagram as with others', async () => {
    const time = new VirtualTime()
    const [sender, receiver] = [new Thread(time), new Thread(time)]
    let sent = 0
    const forward = () => (sent++ < 3 ? undefined : time.now + 40)
    const sctp = new Sctp({ sender, receiver, forward, back: () => time.now + 40, cost: 10 })
    const stream = sctp.open(RELIABLE, () => undefined)
    for (let number = 0; number < 3; number++) stream.send(packet(number))
    let next = 0
    receiver.at(541, () => (next = time.now))
    await time.run(never)
    assert.equal(sent, 4)
    assert.equal(next, 570)
  })

  it('delivers in order what overtakes on its path', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const arrived: number[] = []
    const early: number[] = []
    let sent = 0
    const sctp = new Sctp({
      sender: thread,
      receiver: thread,
      forward: () => (++sent % 4 === 0 ? new Overtaking(time.now + 1) : time.now + 40),
      back: () => time.now + 40
    }).open(RELIABLE, (each) => {
      arrived.push((each as Uint8Array)[0]!)
      early.push(time.now)
    })
    for (let number = 0; number < 100; number++) {
      time.at(number * 10, () => sctp.send(packet(number)))
    }
    await time.run(never)
    assert.deepEqual(arrived, [...Array(100).keys()])
    // The fourth packet was sent at 30 and arrived at 31; it waits for the third, sent at 20.
    assert.equal(early[3], 60)
  })

  it('delivers everything once and in order, whatever is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 40 }), async (seed, percent) => {
        const random = new SeededRandom(seed)
        const time = new VirtualTime()
        const thread = new Thread(time)
        const arrived: number[] = []
        const lossy = () => (random.number() < percent / 100 ? undefined : time.now + 40)
        const sctp = new Sctp({
          sender: thread,
          receiver: thread,
          forward: lossy,
          back: lossy
        }).open(RELIABLE, (each) => arrived.push((each as Uint8Array)[0]!))
        for (let number = 0; number < 200; number++) {
          time.at(number * 7, () => sctp.send(packet(number)))
        }
        await time.run(never)
        assert.deepEqual(arrived, [...Array(200).keys()])
      }),
      { numRuns: 25 }
    )
  })

  it('adds no delay if nothing is lost', async () => {
    const { arrived, attempts } = await deliver(50, 10, () => false)
    assert.deepEqual(
      arrived.map(({ at }, number) => at - number * 10),
      Array<number>(50).fill(40)
    )
    assert.equal(attempts, 50)
  })

  it('sends a lost packet again after three reports, and holds up those behind it', async () => {
    const { arrived, attempts } = await deliver(50, 10, (attempt) => attempt === 20)
    // Sent at 200; the third later packet arrives at 270, its report at 310, the retransmission at 350.
    assert.equal(arrived[20]!.at, 350)
    assert.equal(arrived[21]!.at, 350)
    assert.equal(arrived[30]!.at, 350)
    assert.equal(arrived[32]!.at, 360)
    // Reports on what was sent before the retransmission count as well, as in Chromium: it is sent thrice.
    assert.equal(attempts, 53)
  })

  it('sends it once more if three reports show that the retransmission is lost, too', async () => {
    const { arrived } = await deliver(50, 100, (attempt) => attempt === 20 || attempt === 24)
    // Sent at 2000 and, after the report on what was sent at 2300, at 2380; again after the one on 2600.
    assert.equal(arrived[20]!.at, 2720)
  })

  it('waits for its timer if no later packet reveals the loss', async () => {
    const { arrived } = await deliver(1, 10, (attempt) => attempt === 0)
    assert.equal(arrived[0]!.at, 500 + 40)
  })

  it('doubles its timer while nothing gets through, and recovers after', async () => {
    const { arrived } = await deliver(1, 10, (attempt) => attempt < 3)
    assert.equal(arrived[0]!.at, 500 + 1000 + 2000 + 40)
  })

  it('retries at least every 3 s, and begins anew once something gets through', async () => {
    // The next packet, sent at 20 s, is lost once.
    const { arrived } = await deliver(2, 20_000, (attempt) => attempt < 5 || attempt === 6)
    assert.deepEqual(
      arrived.map(({ at }) => at),
      [500 + 1000 + 2000 + 3000 + 3000 + 40, 20_000 + 500 + 40]
    )
  })

  it('does not hold up an unordered channel for a lost packet, and gives it up as the channel says', async () => {
    const cases: { reliability: Partial<Reliability>; late: number | undefined; next: number }[] = [
      { reliability: {}, late: 350, next: 350 },
      { reliability: { ordered: false }, late: 350, next: 250 },
      { reliability: { ordered: false, maxRetransmits: 0 }, late: undefined, next: 250 },
      { reliability: { ordered: false, maxPacketLifeTime: 50 }, late: undefined, next: 250 },
      { reliability: { ordered: false, maxPacketLifeTime: 500 }, late: 350, next: 250 },
      // The third report arrives at 310; the note that the packet is given up arrives at 350.
      { reliability: { maxRetransmits: 0 }, late: undefined, next: 350 }
    ]
    for (const { reliability, late, next } of cases) {
      const arrived = await arrivals({ ...RELIABLE, ...reliability }, 50, (attempt) => attempt === 20)
      assert.deepEqual([arrived.get(20), arrived.get(21)], [late, next], JSON.stringify(reliability))
      assert.equal(arrived.size, late === undefined ? 49 : 50)
    }
  })

  it('does not wait for what expired before it was sent', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const arrived: Sent[] = []
    const way = () => time.now + 70
    const stream = new Sctp({ sender: thread, receiver: thread, forward: way, back: way }).open(
      { ...RELIABLE, maxPacketLifeTime: 100 },
      (each) => arrived.push(each)
    )
    // More than the initial window: the rest expires in the queue.
    for (let number = 0; number < 40; number++) stream.send('x'.repeat(1000))
    time.at(1000, () => stream.send('later'))
    await time.run(never)
    assert.equal(arrived.at(-1), 'later')
    assert.ok(arrived.length < 40)
  })

  it('delivers an unordered channel once, and an unreliable one at most once, whatever is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 0, max: 40 }),
        fc.boolean(),
        async (seed, percent, isReliable) => {
          const random = new SeededRandom(seed)
          const reliability = { ...RELIABLE, ordered: false, ...(!isReliable && { maxRetransmits: 1 }) }
          const arrived = await arrivals(reliability, 200, () => random.number() < percent / 100)
          if (isReliable) assert.equal(arrived.size, 200)
        }
      ),
      { numRuns: 25 }
    )
  })

  it('keeps channels apart: one that waits for a lost packet does not hold up another', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    let sent = 0
    const sctp = new Sctp({
      sender: thread,
      receiver: thread,
      forward: () => (sent++ === 0 ? undefined : time.now + 40),
      back: () => time.now + 40
    })
    const seen: [string, number][] = []
    const open = (name: string) => sctp.open(RELIABLE, () => seen.push([name, time.now]))
    const [one, other] = [open('one'), open('other')]
    one.send(packet(0))
    other.send(packet(1))
    await time.run(never)
    assert.deepEqual(seen[0], ['other', 40])
    assert.equal(seen[1]![0], 'one')
  })

  it('cuts long messages into chunks, and delivers each once all of them are there', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    let sent = 0
    const sctp = new Sctp({
      sender: thread,
      receiver: thread,
      forward: () => (sent++ === 1 ? undefined : time.now + 40),
      back: () => time.now + 40
    })
    const lengths: number[] = []
    const stream = sctp.open(RELIABLE, (each) => lengths.push((each as Uint8Array).length))
    stream.send(new Uint8Array(5000))
    stream.send(new Uint8Array(10))
    await time.run(never)
    assert.deepEqual(lengths, [5000, 10])
    assert.equal(sent, 5 + 1 + 1)
    assert.equal(stream.bufferedAmount, 0)
  })

  it('sends a chunk again that no longer fits into the window', async () => {
    const { arrived } = await deliver(1, 10, (attempt) => attempt < 5, new Uint8Array(5000))
    assert.equal(arrived.length, 1)
  })

  it('sends on, although parts of messages are given up whose others arrive', async () => {
    const isLost = (attempt: number) => attempt < 300 && attempt % 10 === 0
    const { arrived } = await deliver(60, 1000, isLost, new Uint8Array(20_000), { maxRetransmits: 0 })
    assert.ok(arrived.length > 0 && arrived.length < 60)
    assert.ok(arrived.at(-1)!.at > 59_000)
  })

  it('sends one message of each channel in turn, but not of one whose messages have expired', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const sctp = new Sctp({
      sender: thread,
      receiver: thread,
      forward: () => time.now + 40,
      // Of the first ones, only the last acknowledgement is heard.
      back: () => (time.now < 200 ? undefined : time.now + 40)
    })
    const seen: string[] = []
    const streams = ['a', 'b', 'c'].map((name) => {
      const reliability = { ...RELIABLE, maxPacketLifeTime: name === 'b' ? 10 : Infinity }
      return sctp.open(reliability, () => seen.push(`${name} at ${time.now}`))
    })
    // As many as the window holds, so that the others wait.
    for (let number = 0; number < 11; number++) streams[0]!.send(new Uint8Array(1100))
    for (const stream of streams) for (let number = 0; number < 2; number++) stream.send(packet(number))
    await time.run(never)
    assert.deepEqual(
      seen.slice(11),
      ['a', 'c', 'a', 'c'].map((name) => `${name} at 320`)
    )
  })

  it('opens and closes even channels that lose messages, after all that was sent before', async () => {
    const limited = { ordered: false, maxRetransmits: 0 }
    for (const limits of [{}, limited, { ordered: false, maxPacketLifeTime: 5 }])
      // The second message, and what closes the channel or not.
      for (const lost of [
        [0, 3],
        [0, 3, 4]
      ]) {
        const time = new VirtualTime()
        const thread = new Thread(time)
        let attempts = 0
        const forward = () => (lost.includes(attempts++) ? undefined : time.now + 40)
        const sctp = new Sctp({ sender: thread, receiver: thread, forward, back: () => time.now + 40 })
        const heard: Sent[] = []
        const stream = sctp.open({ ...RELIABLE, ...limits }, (each) => heard.push(each))
        stream.send(OPEN)
        time.at(1000, () => ['first', 'second', CLOSE].forEach((each) => stream.send(each as Sent)))
        await time.run(never)
        const second = 'ordered' in limits ? [] : ['second']
        assert.deepEqual(heard, [OPEN, 'first', ...second, CLOSE], JSON.stringify([limits, lost]))
      }
  })

  it('acknowledges and delivers nothing once its receiver has closed', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    let heard = 0
    const back = () => void heard++
    const sctp = new Sctp({ sender: thread, receiver: thread, forward: () => time.now + 40, back })
    const stream = sctp.open(RELIABLE, () => heard++)
    stream.send(packet(0))
    time.at(10, () => sctp.deafen())
    time.at(20, () => sctp.abort())
    await time.run(never)
    assert.equal(heard, 0)
  })
})

/** When each packet arrives that is sent every 10 ms over a link with a delay of 40 ms. */
async function arrivals(
  reliability: Reliability,
  count: number,
  isLost: (attempt: number) => boolean
): Promise<Map<number, number>> {
  const time = new VirtualTime()
  const thread = new Thread(time)
  const arrived = new Map<number, number>()
  let attempts = 0
  const stream = new Sctp({
    sender: thread,
    receiver: thread,
    forward: () => (isLost(attempts++) ? undefined : time.now + 40),
    back: () => time.now + 40
  }).open(reliability, (each) => {
    const number = (each as Uint8Array)[0]!
    assert.ok(!arrived.has(number), `${number} arrived twice`)
    arrived.set(number, time.now)
  })
  for (let number = 0; number < count; number++) {
    time.at(number * 10, () => stream.send(packet(number)))
  }
  await time.run(never)
  return arrived
}
