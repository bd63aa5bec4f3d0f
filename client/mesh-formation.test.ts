import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { awaitDials, awaitMesh } from './mesh-formation'
import { VirtualTime } from './testing/virtual-time'

const time = new VirtualTime()

/** A peer whose n-th connection opens at the n-th of these times, in ms from now. */
class ScriptedPeer {
  readonly libraryPeer = this
  readonly errors: string[] = []
  private readonly begin = performance.now()

  constructor(
    private readonly opens: number[],
    private readonly known: number
  ) {}

  connectedPeers(): string[] {
    const age = performance.now() - this.begin
    return this.opens.filter((at) => age >= at).map(String)
  }
  knownPeers(): number {
    return this.known
  }
  noteError(error: string): void {
    this.errors.push(error)
  }
}

const others = (connections: number) => () => [new ScriptedPeer(new Array<number>(connections).fill(0), 9)]

describe('a peer’s part of the mesh', () => {
  const stands: { it: string; opens: number[]; known: number; full?: true; after: number }[] = [
    { it: 'stands with the connections that it wants', opens: [50, 60, 70, 230], known: 9, after: 250 },
    { it: 'stands with a connection to each peer that it knows', opens: [50, 180], known: 2, after: 200 },
    { it: 'stands when no more open for 3 s', opens: [50, 180], known: 9, after: 3200 },
    { it: 'stands when it knows nobody for 1 s', opens: [], known: 0, after: 1000 },
    {
      it: 'is not full before all are connected',
      opens: [10, 20, 30, 9000],
      known: 3,
      full: true,
      after: 9000
    }
  ]
  for (const { it: name, opens, known, full = false, after } of stands) {
    it(name, async () => {
      const begin = performance.now()
      await time.until(awaitMesh(new ScriptedPeer(opens, known), 4, full, others(0)))
      assert.equal(performance.now() - begin, after)
    })
  }

  it('fails if nobody on the page gets a connection, and names what to try', async () => {
    const peer = new ScriptedPeer([], 3)
    await assert.rejects(
      time.until(awaitMesh(peer, 4, false, others(0))),
      /No WebRTC connection opened in 60 s.*--disable-features=WebRtcHideLocalIpsWithMdns/
    )
  })

  it('names what keeps peers from connecting on this network', async () => {
    await assert.rejects(
      time.until(awaitMesh(new ScriptedPeer([], 3), 4, false, others(0), 'Two peers on satellite …')),
      /^Error: No WebRTC connection opened in 60 s, although other peers are known\. Two peers on satellite …$/
    )
  })

  it('is an error of one peer if the others have connections', async () => {
    const peer = new ScriptedPeer([], 3)
    await time.until(awaitMesh(peer, 4, false, others(2)))
    assert.match(peer.errors.join(), /No connection opened in 60 s, while others on the page have some/)
  })

  for (const [known, cause] of [
    [2, 'Do meshPeers peers run?'],
    [3, 'It knows them all: on a busy machine a link may open at one end only.']
  ] as const)
    it(`fails if a full mesh stays incomplete, and ${known} of 3 others are known`, async () => {
      const line = `The full mesh did not form in 60 s: a peer has 2 of 3 connections. ${cause}`
      await assert.rejects(
        time.until(awaitMesh(new ScriptedPeer([10, 20], known), 3, true, others(3))),
        ({ message }: Error) => message.startsWith(line)
      )
    })
})

describe('a newcomer’s dials', () => {
  const cases: { opens: number[]; wanted: number; after: number }[] = [
    { opens: [], wanted: 0, after: 0 },
    { opens: [12, 33], wanted: 2, after: 35 },
    { opens: [12], wanted: 2, after: 75 }
  ]
  for (const { opens, wanted, after } of cases) {
    it(`take ${after} ms if ${wanted} are wanted and open after ${opens.join(' and ') || 'no'} ms`, async () => {
      const begin = performance.now()
      await time.until(awaitDials(new ScriptedPeer(opens, 9), wanted))
      assert.equal(performance.now() - begin, after)
    })
  }
})
