import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseNetwork } from '../../options/network/parse'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from '../network/connection-registry'
import type { SimPeerConnection } from '../network/peer-connection'
import { SimNetwork } from '../network/sim-network'
import { parseFault, type Fault } from '../fault-text'
import { plannedOutages, planFaults } from './faults'

/** A start at which `begin + 10_000 - begin` is less than 10_000. */
const BEGIN = 6755.605070433916

/** When peers 0 and 1 can reach each other, and the Lighthouse is up, as connections are told: seconds. */
async function changes(text: string, faults: readonly Fault[]) {
  const time = new VirtualTime()
  const network = new SimNetwork(time, {
    ...{ seed: 1, network: parseNetwork(text), numberOf: Number },
    ...{ costOfPacket: 0, hasFaults: true }
  })
  const told: [second: number, isOpen: boolean][] = []
  const registry = new ConnectionRegistry<SimPeerConnection>()
  const second = () => Math.round((time.now - BEGIN) / 1000)
  registry.add({
    notice: () => told.push([second(), network.isOpen('0', '1')])
  } as Partial<SimPeerConnection> as SimPeerConnection)
  const lighthouse: [second: number, isUp: boolean][] = []
  const left: object[] = []
  const note = (isUp: boolean) => {
    if (lighthouse.at(-1)?.[1] !== isUp) lighthouse.push([second(), isUp])
  }
  const world = {
    ...{ time, network, registry, numberOf: Number },
    slotOf: (peer: number) => ({
      leave: (hasDied?: boolean) => left.push({ peer, hasDied }),
      comeBack: () => undefined
    }),
    lighthouse: {
      goAway: () => note(false),
      comeBack: () => note(true),
      keepOut: () => undefined
    }
  }
  planFaults(world, faults, parseNetwork(text), BEGIN)
  await time.run(() => false)
  return { told, lighthouse, left }
}

describe('connections are told of the end', () => {
  const ends = [[5, false], [10, true]] as [number, boolean][] // prettier-ignore
  const rows: [of: string, text: string, faults: Fault[]][] = [
    ['a partition', 'perfect', [{ kind: 'partition', at: 5, until: 10, peers: 1 }]],
    ['an outage of the network', 'perfect,5s:offline,10s:perfect', []]
  ]
  for (const [of, text, faults] of rows)
    it(`of ${of}, wherever rounding puts it`, async () =>
      assert.deepEqual((await changes(text, faults)).told, ends))
})

it('A peer that dies is no more part of the test, and its library does nothing about it', async () => {
  const { left } = await changes('perfect', [{ kind: 'death', at: 5, peer: 1 }])
  assert.deepEqual(left, [{ peer: 1, hasDied: true }])
})

describe('the Lighthouse', () => {
  const rows: [says: string, faults: [number, number][], expected: [number, boolean][]][] = [
    ['comes back', [[5, 10]], [[5, false], [10, true]]],
    ['stays away while a longer fault lasts', [[5, 20], [8, 10]], [[5, false], [20, true]]],
    ['stays away between faults that follow each other', [[5, 8], [8, 10]], [[5, false], [10, true]]],
    ['the same, given in another order', [[8, 10], [5, 8]], [[5, false], [10, true]]]
  ] // prettier-ignore
  for (const [says, times, expected] of rows)
    it(says, async () => {
      const faults = times.map(([at, until]): Fault => ({ kind: 'lighthouse', at, until }))
      assert.deepEqual((await changes('perfect', faults)).lighthouse, expected)
    })
})

describe('the results tell of outages', () => {
  const rows: [text: string, faults: string[], times: object[]][] = [
    ['perfect,20s:offline,25s:perfect', ['partition@5s-9s:1'], [[5, 9], [20, 25]]],
    ['perfect', ['partition@10s-20s:2', 'partition@5s-15s:1'], [[5, 20]]],
    ['perfect', ['partition@5s-10s:1', 'partition@10s-15s:2'], [[5, 15]]],
    ['perfect,8s:offline', ['partition@5s-10s:1', 'death@2s:1'], [[5]]]
  ] // prettier-ignore
  for (const [text, faults, times] of rows)
    it(`of ${text} and ${faults.join(', ')}, and of those that overlap once`, () =>
      assert.deepEqual(
        plannedOutages(parseNetwork(text), faults.map(parseFault)).map((outage) =>
          Object.values(outage).map((milliseconds) => milliseconds / 1000)
        ),
        times
      ))
})
