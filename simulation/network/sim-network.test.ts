import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { partOf } from '../../cli/network/assignment'
import { parseNetwork } from '../../cli/network/parse'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { SimNetwork } from './sim-network'

const BYTES = 200
const SEED = 770_601
const RELIABLE = { ordered: true, maxRetransmits: Infinity, maxPacketLifeTime: Infinity }

/** The latencies (ms) of the packets that each pair of parts exchanged, ascending, by `from>to`. */
async function latencies(
  text: string,
  { peers = 4, perSecond = 10, seconds = 20, bytes = BYTES, seed = SEED } = {}
): Promise<Map<string, number[]>> {
  const time = new VirtualTime()
  const network = parseNetwork(text)
  const sim = new SimNetwork(time, {
    ...{ seed, network, numberOf: Number },
    ...{ costOfPacket: 0, hasFaults: false }
  })
  sim.start(0)
  const page = new Thread(time)
  const heard = new Map<string, number[]>()
  for (let from = 0; from < peers; from++)
    for (let to = 0; to < peers; to++) {
      if (from === to) continue
      const pair = [from, to].map((peer) => partOf(network, seed, peer)).join('>')
      const sent: number[] = []
      const receive = () => {
        heard.set(pair, [...(heard.get(pair) ?? []), time.now - sent.shift()!])
      }
      const association = sim.association(String(from), String(to), page, page)
      const transport = association.open(RELIABLE, receive)
      for (let number = 0; number < seconds * perSecond; number++)
        time.at(((number + (from * 7 + to) / 100) * 1000) / perSecond, () => {
          sent.push(time.now)
          transport.send(new Uint8Array(bytes))
        })
    }
  await time.run(() => false)
  for (const times of heard.values()) times.sort((one, other) => one - other)
  return heard
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)]!

describe('simulated lines', () => {
  const mixtures: [text: string, fast: number][] = [
    ['delay=2ms:3,delay=600ms:1', 2],
    ['delay=2ms,down=1gbit:3,delay=600ms,loss=1%:1', 2],
    ['delay=2ms,down=1gbit,up=1gbit:3,satellite:1', 2],
    ['home:3,3g:1', 20],
    ['lan:3,delay=100ms,jitter=10ms:1', 2]
  ]
  for (const [text, delay] of mixtures) {
    it(`of ${text} do not make the fast peers wait for the slow one`, async () => {
      const fast = (await latencies(text)).get('0>0')!
      assert.ok(fast.length > 500)
      assert.ok(quantile(fast, 0.95) < delay + 8, `p95 ${quantile(fast, 0.95)} ms`)
    })
  }

  it('with ever fewer losses become plain ones', async () => {
    const [plain, lossy] = await Promise.all(
      ['delay=30ms', 'delay=30ms,loss=0.0001%'].map(async (text) => (await latencies(text)).get('0>0')!)
    )
    assert.equal(lossy!.length, plain!.length)
    for (const share of [0.05, 0.5, 0.95, 0.99]) {
      const [one, other] = [quantile(plain!, share), quantile(lossy!, share)]
      assert.ok(Math.abs(one - other) < 0.1, `${share}: ${one} and ${other} ms`)
    }
  })

  it('carry no more than their rate, which all connections of a peer share', async () => {
    // 3 × 20 packets of 1,000 bytes a second are more than 256 kbit/s; with the queue full, SCTP slows down.
    const sent = { perSecond: 20, seconds: 20, bytes: 1000 }
    const narrow = await latencies('delay=5ms,up=256kbit:1,delay=5ms:3', sent)
    const late = narrow.get('0>1')!.at(-1)!
    // 1,200 packets take 39 s at 256 kbit/s, and were sent within 20 s.
    assert.ok(late > 17_000, `the last waited for ${late} ms`)
    assert.ok(quantile(narrow.get('1>1')!, 0.95) < 10)
  })

  it('charge the payload of UDP, as in the browser', async () => {
    // 1,000 bytes and the headers of DTLS and SCTP take 1,057 ms up at 8 kbit/s.
    const [first] = (
      await latencies('up=8kbit:1,perfect:1', { peers: 2, perSecond: 1, seconds: 1, bytes: 1000 })
    ).get('0>1')!
    assert.ok(first! > 1057 && first! < 1059, `${first} ms`)
  })

  it('follow pairs of parts', async () => {
    const heard = await latencies('delay=40ms:2,delay=10ms:2,1>1:delay=2ms,1>2:delay=90ms')
    const medians = ['0>0', '0>1', '1>0', '1>1'].map((pair) => Math.floor(quantile(heard.get(pair)!, 0.5)))
    assert.deepEqual(medians, [3, 91, 26, 11])
  })

  it('keep a peer’s line and go on with its draws when it comes back with another id', () => {
    const time = new VirtualTime()
    const sim = new SimNetwork(time, {
      ...{ seed: SEED, network: parseNetwork('loss=50%,up=8mbit'), numberOf: parseInt },
      ...{ costOfPacket: 0, hasFaults: false }
    })
    const page = new Thread(time)
    const fates = (from: string) => {
      const way = sim.way(from, '1', page, page)
      return Array.from({ length: 50 }, () => way(BYTES))
    }
    const [first, second] = [fates('0'), fates('0 again')]
    const lost = (arrivals: ReturnType<typeof fates>) => arrivals.map((arrival) => arrival === undefined)
    assert.notDeepEqual(lost(first), lost(second))
    assert.ok(Number(second.find(Boolean)) > Number(first.findLast(Boolean)))
  })

  it('do not connect through routers that hide their ports', () => {
    const time = new VirtualTime()
    const isOpen = (text: string) =>
      new SimNetwork(time, {
        ...{ seed: 1, network: parseNetwork(text), numberOf: Number },
        ...{ costOfPacket: 0, hasFaults: false }
      }).isOpen('0', '1')
    const pairs = ['open', 'restricted', 'symmetric'].flatMap((one, index, all) =>
      all.slice(index).map((other) => [`nat=${one}:1,nat=${other}:1`, isOpen(`nat=${one}:1,nat=${other}:1`)])
    )
    assert.deepEqual(
      pairs.filter(([, open]) => !open).map(([text]) => text),
      ['nat=restricted:1,nat=symmetric:1', 'nat=symmetric:1,nat=symmetric:1']
    )
  })
})
