import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ServerClock } from '../../protocol/clock/server-clock'
import { batchPointSchema } from '../../protocol/data-point'
import { peerResultsSchema } from '../../protocol/peer-results'
import type { MeshPeer } from '../mesh-peer'
import { PeerSlot } from '../peer-slot'
import { ROUTINES } from '../routines'
import { FAKE_WEBRTC, FakeMesh } from '../testing/fake-mesh'
import { VirtualTime } from '../testing/virtual-time'
import { PageCounts } from './page-counts'
import { Recorder } from './recorder'

const time = new VirtualTime()

/** Time by the server's clock, which in these tests is the local one. */
const now = () => performance.timeOrigin + performance.now()

interface Scene {
  slots: PeerSlot[]
  recorder: Recorder
  clock: ServerClock & { error: number }
  peer: (index: number) => MeshPeer
}

/** Two peers in the room, recorded from now on and measured from 1 s to 3 s after. */
async function scene(): Promise<Scene> {
  const mesh = new FakeMesh()
  const clock = Object.assign(new ServerClock('me'), { error: 0 })
  clock.offset = () => ({ offset: 0, error: clock.error })
  const settings = {
    library: mesh.library,
    lighthouseUrl: 'http://lighthouse:9000',
    iceServers: [],
    messageTypes: 'faithful' as const,
    turn: 'off' as const,
    config: {},
    webRtc: FAKE_WEBRTC,
    clock: { now: () => clock.now(), known: Promise.resolve() },
    seed: 7,
    peerIdLength: 42,
    idsOfTest: undefined
  }
  const lifecycle = { joined: () => undefined, leaves: () => undefined, failed: () => undefined }
  const slots = [0, 1].map((number) => new PeerSlot(number, 'stand', ROUTINES.stand, settings, lifecycle))
  for (const slot of slots) await slot.connect().join()
  const startsAt = now()
  const recorder = new Recorder(
    {
      startedAt: startsAt,
      routinesFrom: startsAt,
      measured: { from: startsAt + 1000, until: startsAt + 3000 },
      library: { ...mesh.library.build, config: {} },
      runnerId: 'runner'
    },
    clock,
    new PageCounts()
  )
  const peer = (index: number) => slots[index]!.current!
  for (const { current } of slots) recorder.include(current!)
  return { slots, recorder, clock, peer }
}

/** Sends a position from the first peer every 100 ms; each time a tick comes `late` ms late. */
async function play({ slots, recorder }: Scene, milliseconds: number, late = 0): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    slots[0]!.send({ kind: 'position', position: [passed, 0, 0] })
    recorder.tick(now(), late, () => slots.map(({ current }) => current!))
    await time.pass(100)
  }
}

describe('the recorder', () => {
  it('cuts data points that follow the contract, each for the time since the last', async () => {
    const all = await scene()
    await play(all, 2000)
    const first = all.recorder.cut(all.slots)
    await play(all, 1000)
    const second = all.recorder.cut(all.slots)
    for (const point of [...first, ...second]) assert.doesNotThrow(() => batchPointSchema.parse(point))
    assert.deepEqual(
      first.map(({ messages }) => messages!.position.sent),
      [20, 0]
    )
    assert.deepEqual(
      first.map(({ messages }) => messages!.position.received),
      [0, 20]
    )
    assert.deepEqual(
      second.map(({ messages }) => messages!.position.sent),
      [10, 0]
    )
    assert.deepEqual(
      second.map(({ sequence }) => sequence),
      [1, 1]
    )
    assert.deepEqual(
      second.map(({ wire }) => [wire!.sent, wire!.received]),
      [
        [10, 0],
        [0, 10]
      ]
    )
    assert.equal(second[0]!.interval!.from, first[0]!.interval!.until)
    assert.deepEqual(first[0]!.connectedPeers, [all.peer(1).id])
  })

  it('makes final results that follow the contract and cover only the measured time', async () => {
    const all = await scene()
    await play(all, 3500)
    all.recorder.endMeasured(all.slots.map(({ current }) => current!))
    const [sender, receiver] = all.slots.map((each) => all.recorder.finalResults(each, each.current!))
    for (const finalResults of [sender!, receiver!])
      assert.doesNotThrow(() => peerResultsSchema.parse(finalResults))
    assert.equal(sender!.messages.position.sent, 20)
    assert.equal(receiver!.messages.position.received, 20)
    assert.deepEqual(receiver!.heard, { [all.peer(0).id]: [20, 0, 0, 0, 0, 0] })
    assert.deepEqual(sender!.nominal, { position: 20, profile: 2, chat: 0.2 })
    assert.equal(sender!.runnerId, 'runner')
    assert.equal(sender!.ticks.count, 25, 'from the beginning of the measured time')
  })

  it('ends the measured time early if the test is cut short, but never before its start', async () => {
    const early = await scene()
    await play(early, 1500)
    early.recorder.endMeasured([early.peer(0)])
    const { from, until } = early.recorder.plan.measured
    assert.equal(until - from, 500)
    const atOnce = await scene()
    atOnce.recorder.endMeasured([atOnce.peer(0)])
    assert.equal(atOnce.recorder.plan.measured.until, atOnce.recorder.plan.measured.from)
  })

  it('keeps the worst clock error, and the lateness of the last interval', async () => {
    const all = await scene()
    all.clock.error = 4
    await play(all, 1000, 30)
    assert.equal(all.recorder.tickLatenessP95, undefined, 'no interval is over')
    all.recorder.cut(all.slots)
    // An interval without ticks tells of none.
    all.recorder.cut(all.slots)
    assert.ok(Math.abs(all.recorder.tickLatenessP95! - 30) < 0.5, `${all.recorder.tickLatenessP95}`)
    all.clock.error = 1
    await play(all, 1000)
    all.recorder.cut(all.slots)
    assert.equal(all.recorder.tickLatenessP95, 0)
    const { clock } = all.recorder.finalResults(all.slots[0]!, all.peer(0))
    assert.equal(clock.error, 4)
  })

  it('counts nothing on the wire for a peer that joins after the measured time', async () => {
    const all = await scene()
    await play(all, 3000)
    const [sender, coming] = all.slots as [PeerSlot, PeerSlot]
    const newcomer = coming.connect()
    await newcomer.enter()
    all.recorder.endMeasured([sender.current!, newcomer])
    sender.keepAlive()
    await time.pass(100)
    await newcomer.awaitGroup()
    all.recorder.include(newcomer)
    sender.keepAlive()
    await time.pass(100)
    const { wire } = peerResultsSchema.parse(all.recorder.finalResults(coming, newcomer))
    assert.deepEqual(wire, { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 })
  })

  it('records a newcomer from its join on, without messages that were on their way', async () => {
    const all = await scene()
    const [sender, coming] = all.slots as [PeerSlot, PeerSlot]
    const newcomer = coming.connect()
    await newcomer.enter()
    const send = async (milliseconds: number) => {
      sender.send({ kind: 'position', position: [0, 0, 0] })
      await time.pass(milliseconds)
    }
    await send(100)
    assert.equal(all.recorder.cut(all.slots).length, 1)
    await send(2)
    await newcomer.awaitGroup()
    all.recorder.include(newcomer)
    await send(100)
    const { messages, wire } = all.recorder.cut(all.slots)[1]!
    assert.deepEqual([messages!.position.received, wire!.received], [1, 2])
  })

  it('knows the clock error of a peer that leaves before the first cut', async () => {
    const all = await scene()
    await play(all, 1000)
    all.clock.error = 4
    const last = all.recorder.cutLast(all.slots[0]!, all.peer(0))
    assert.equal(last.clock?.error, 4)
    const { clock } = all.recorder.finalResults(all.slots[0]!, all.peer(0))
    assert.equal(clock.error, 4)
  })

  it('records a peer until it leaves, and another from its join', async () => {
    const all = await scene()
    await play(all, 2000)
    const [leaving, staying] = all.slots as [PeerSlot, PeerSlot]
    const gone = leaving.current!
    gone.presence!.left = now()
    const last = all.recorder.cutLast(leaving, gone)
    assert.equal(last.messages!.position.sent, 20)
    const finalResults = all.recorder.finalResults(leaving, gone)
    assert.equal(finalResults.presence.left, now())
    assert.deepEqual(finalResults.nominal, { position: 10, profile: 1, chat: 0.1 })
    assert.equal(all.recorder.cut([staying]).length, 1)
  })
})
