/**
 * Captures what the relay and the simulation do to datagrams: peer 0 sends numbered ones to the others, and
 * each arrival is noted outside the engine. The relay's are real UDP between sockets of this process.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseNetwork } from '../options/network/parse'
import { Relay } from '../runner/relay/relay'
import { Thread } from '../simulation/engine/thread'
import { VirtualTime } from '../simulation/engine/virtual-time'
import { Line } from '../simulation/network/line'
import { SimNetwork } from '../simulation/network/sim-network'
import { median } from '../analysis/statistics/median'

export interface Load {
  network: string
  perSecond: number
  seconds: number
  bytes: number
  /** How many peers receive, in turn. */
  receivers: number
}

interface Arrival {
  number: number
  /** ms. */
  sentAt: number
  at: number
}

export class Capture {
  readonly arrivals: Arrival[] = []
  /** µs of this process's CPU time for each datagram, with the bench's own part. */
  cpu = NaN

  constructor(private readonly load: Load) {}

  get sent(): number {
    return this.load.perSecond * this.load.seconds
  }

  get lossPercent(): number {
    return 100 * (1 - this.arrivals.length / this.sent)
  }

  /** Median delay in ms. */
  get delay(): number {
    return median(this.delays)
  }

  get delayP95(): number {
    return this.delays.toSorted((one, other) => one - other)[Math.floor(this.delays.length * 0.95)]!
  }

  /** Standard deviation of the delay, in ms. */
  get deviation(): number {
    const mean = this.delays.reduce((sum, delay) => sum + delay, 0) / this.delays.length
    const squares = this.delays.reduce((sum, delay) => sum + (delay - mean) ** 2, 0)
    return Math.sqrt(squares / this.delays.length)
  }

  /** How many arrived after one that was sent later. */
  get overtaken(): number {
    let last = -1
    return this.arrivals.filter(({ number }) => number < (last = Math.max(last, number))).length
  }

  /** Mean ms for which everything is lost, once something is. */
  get burst(): number {
    const arrived = new Set(this.arrivals.map(({ number }) => number))
    const lost = Array.from({ length: this.sent }, (_, number) => !arrived.has(number))
    const bursts = lost.filter((isLost, number) => isLost && !lost[number - 1]).length
    return (lost.filter(Boolean).length / bursts) * (1000 / this.load.perSecond)
  }

  /** Mbit/s of UDP payload between the first and the last arrival. */
  get rate(): number {
    const times = this.arrivals.map(({ at }) => at).sort((one, other) => one - other)
    return ((times.length - 1) * this.load.bytes * 8) / (times.at(-1)! - times[0]!) / 1000
  }

  private get delays(): number[] {
    return this.arrivals.map(({ sentAt, at }) => at - sentAt)
  }
}

export async function captureRelay(load: Load): Promise<Capture> {
  const network = parseNetwork(load.network)
  const relay = new Relay({ network, seed: 1, numberOf: Number, elapsed: () => 0 })
  const capture = new Capture(load)
  const sender = await openSocket()
  const receivers = await Promise.all(Array.from({ length: load.receivers }, openSocket))
  const ports = await Promise.all(
    receivers.map(async (receiver, index) => {
      receiver.on('message', (datagram) => {
        const [number, sentAt] = [datagram.readDoubleLE(), datagram.readDoubleLE(8)]
        capture.arrivals.push({ number, sentAt, at: performance.now() })
      })
      const to = String(index + 1)
      await relay.addressFor('0', to, 'c', homeOf(sender))
      return (await relay.addressFor(to, '0', 'c', homeOf(receiver)))!.port
    })
  )
  const before = process.cpuUsage()
  const begin = performance.now()
  for (let number = 0; number < capture.sent;) {
    const due = Math.min(capture.sent, ((performance.now() - begin) / 1000) * load.perSecond)
    for (; number < due; number++) {
      const datagram = Buffer.alloc(load.bytes)
      datagram.writeDoubleLE(number)
      datagram.writeDoubleLE(performance.now(), 8)
      sender.send(datagram, ports[number % ports.length], '127.0.0.1')
    }
    await sleep(1)
  }
  await sleep(1000)
  const { user, system } = process.cpuUsage(before)
  capture.cpu = (user + system) / capture.sent
  relay.close()
  for (const socket of [sender, ...receivers]) socket.close()
  return capture
}

export async function captureSimulation(load: Load): Promise<Capture> {
  const time = new VirtualTime()
  const network = new SimNetwork(time, {
    ...{ seed: 1, network: parseNetwork(load.network), numberOf: Number, elapsed: () => time.now },
    ...{ costOfPacket: 0, hasFaults: false }
  })
  const capture = new Capture(load)
  const page = () => ({ thread: new Thread(time) })
  const lines = Array.from({ length: load.receivers }, (_, index) => {
    const [near, far] = [page(), page()]
    const way = network.lossyWay('0', String(index + 1), near, far)
    return new Line<Omit<Arrival, 'at'>>(far.thread, way, (datagram) => {
      capture.arrivals.push({ ...datagram, at: time.now })
    })
  })
  for (let number = 0; number < capture.sent; number++)
    time.at((number * 1000) / load.perSecond, () => {
      lines[number % lines.length]!.send({ number, sentAt: time.now }, load.bytes)
    })
  await time.run(() => false)
  return capture
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

const homeOf = (socket: Socket) => ({ address: '127.0.0.1', port: socket.address().port })
