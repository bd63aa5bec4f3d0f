/** The relay's effect on packets, and its cost: two sockets of this process send through the relay. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseNetwork } from '../network/parse'
import { Relay } from '../network/relay/relay'
import { median } from './median'

const PACKETS_PER_SECOND = 1000
const SECONDS = 2
const BYTES = 200

export interface RelayFigures {
  /** ms. */
  delay: number
  delayP95: number
  /** µs of this process's CPU time per packet, in addition to the cost without the relay. */
  cpu: number
  lost: number
}

/** Sends 2,000 packets, 1,000 per second, once without a relay and once through one with this network. */
export async function measureRelay(network: string): Promise<RelayFigures> {
  const direct = await measure((_, to) => Promise.resolve(to))
  const relay = new Relay({ network: parseNetwork(network), seed: 1, numberOf: Number, elapsed: () => 0 })
  try {
    const relayed = await measure(async (from, to) => {
      await relay.addressFor('0', '1', 'c', { address: '127.0.0.1', port: from })
      return (await relay.addressFor('1', '0', 'c', { address: '127.0.0.1', port: to }))!.port
    })
    const delays = relayed.delays.toSorted((one, other) => one - other)
    return {
      delay: median(delays),
      delayP95: delays[Math.floor(delays.length * 0.95)]!,
      cpu: relayed.cpu - direct.cpu,
      lost: 1 - delays.length / (PACKETS_PER_SECOND * SECONDS)
    }
  } finally {
    relay.close()
  }
}

async function measure(
  targetFor: (from: number, to: number) => Promise<number>
): Promise<{ delays: number[]; cpu: number }> {
  const [sender, receiver] = [await openSocket(), await openSocket()]
  const delays: number[] = []
  receiver.on('message', (packet) => delays.push(performance.now() - packet.readDoubleLE()))
  const target = await targetFor(sender.address().port, receiver.address().port)
  const before = process.cpuUsage()
  const begin = performance.now()
  const count = PACKETS_PER_SECOND * SECONDS
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, ((performance.now() - begin) / 1000) * PACKETS_PER_SECOND)
    for (; sent < due; sent++) {
      const packet = Buffer.alloc(BYTES)
      packet.writeDoubleLE(performance.now())
      sender.send(packet, target, '127.0.0.1')
    }
    await sleep(1)
  }
  await sleep(1000)
  const { user, system } = process.cpuUsage(before)
  sender.close()
  receiver.close()
  return { delays, cpu: (user + system) / count }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
