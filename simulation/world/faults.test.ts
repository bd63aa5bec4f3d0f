import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseNetwork } from '../../cli/network/parse'
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
  /** Pairs out of each other's reach, each time that connections are told. */
  const cut: string[][] = []
  const notice = () => {
    told.push([second(), network.isOpen('0', '1')])
    cut.push(['0-1', '1-0', '1-2', '0-2'].filter((pair) => !network.isOpen(pair[0]!, pair[2]!)))
  }
  registry.add({ notice } as Partial<SimPeerConnection> as SimPeerConnection)
  const lighthouse: [second: number, isUp: boolean][] = []
  const slots: string[] = []
  const note = (what: string) => slots.push(`${what} at ${((time.now - BEGIN) / 1000).toFixed(2)} s`)
  let keptOut: string[] = []
  const noteLighthouse = (isUp: boolean) => {
    if (lighthouse.at(-1)?.[1] !== isUp) lighthouse.push([second(), isUp])
  }
  const world = {
    ...{ time, network, registry, numberOf: Number },
    slotOf: (peer: number) => ({
      leave: (hasDied?: boolean) => note(`${peer} ${hasDied ? 'dies' : 'leaves'}`),
      comeBack: () => note(`${peer} is back`)
    }),
    lighthouse: {
      goAway: () => noteLighthouse(false),
      comeBack: () => noteLighthouse(true),
      keepOut: (isMeant: (id: string) => boolean) => {
        keptOut = ['0', '1', '2', 'stranger'].filter(isMeant)
      }
    }
  }
  planFaults(world, faults, parseNetwork(text), BEGIN)
  await time.run(() => false)
  return { told, cut, lighthouse, slots, keptOut }
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
  const { slots, cut, keptOut } = await changes('perfect', [{ kind: 'death', at: 5, peer: 1 }])
  assert.deepEqual([slots, cut, keptOut], [['1 dies at 5.00 s'], [['0-1', '1-0', '1-2']], ['1']])
})

it('a partition cuts the first peers off from the others only', async () => {
  const { cut } = await changes('perfect', [{ kind: 'partition', at: 5, until: 10, peers: 1 }])
  assert.deepEqual(cut, [['0-1', '1-0', '0-2'], []])
})

it('in a storm, peers leave one after the other, and come back as long after', async () => {
  const { slots, cut } = await changes('perfect', [{ kind: 'storm', at: 5, until: 10, peers: 2 }])
  const leave = ['0 leaves at 5.00 s', '1 leaves at 5.50 s']
  assert.deepEqual(slots, [...leave, '0 is back at 10.00 s', '1 is back at 10.50 s'])
  assert.deepEqual(cut.flat(), [])
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
