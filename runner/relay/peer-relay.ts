/**
 * Routes a test's peers through a relay by rewriting the ICE candidates that they exchange through the
 * development Lighthouse.
 */
import { moveCandidate, moveCandidatesOf } from './candidates'
import type { Network } from '../../options/network/network'
import { PeerNumbers } from '../../protocol/peer-numbers'
import { Relay, type Address } from './relay'

/** A signalling message from one peer to another. */
export interface Signal {
  src: string
  dst: string
  payload?: unknown
}

/**
 * In both library generations, OFFER and ANSWER carry `sdp`, and CANDIDATE carries `candidate`. Their
 * `connectionId` names the connection.
 */
interface SignalPayload {
  connectionId?: unknown
  sdp?: { sdp?: unknown }
  candidate?: { candidate?: unknown }
}

/** A peer's id, as the client page draws it (client/page/randomness.ts). */
export type PeerIdOf = (
  seed: number,
  number: number,
  incarnation: number,
  length: number,
  test?: string
) => string

/** A test whose peers, numbered from 0, use the relay. */
export interface RelayedTest {
  network: Network
  seed: number
  peers: number
  /** Length of a peer's id, in characters. */
  idLength: number
  /** The test's id, if peer ids depend on it. */
  test?: string | undefined
}

export class PeerRelay {
  private relay: Relay | undefined

  constructor(private readonly peerIdOf: PeerIdOf) {}

  /** From now on, routes the peers' connections through the relay, until {@link close}. */
  open({ network, seed, peers, idLength, test }: RelayedTest): void {
    this.close()
    const numbers = new PeerNumbers(peers, (number, incarnation) =>
      this.peerIdOf(seed, number, incarnation, idLength, test)
    )
    const numberOf = (id: string) => {
      const number = numbers.of(id)
      if (number === undefined) throw new Error(`No peer of the test has the id ${id}: its line is not known`)
      return number
    }
    this.relay = new Relay({ network, seed, numberOf })
  }

  /**
   * Call this when the test has started. `elapsed` returns the ms since then, which the network's script
   * follows.
   */
  begin(elapsed: () => number): void {
    if (this.relay) this.relay.elapsed = () => Math.max(0, elapsed())
  }

  close(): void {
    this.relay?.close()
    this.relay = undefined
  }

  /**
   * The payload as the receiver should see it; undefined if the frame must not be forwarded. Rejects if the
   * sender is no peer of the test.
   */
  async rewrite({ src, dst, payload }: Signal): Promise<unknown> {
    const { relay } = this
    if (!relay || typeof payload !== 'object' || payload === null) return payload
    const { connectionId, sdp, candidate } = payload as SignalPayload
    const move = (home: Address) => relay.addressFor(src, dst, String(connectionId), home)
    if (typeof sdp?.sdp === 'string')
      return { ...payload, sdp: { ...sdp, sdp: await moveCandidatesOf(sdp.sdp, move) } }
    if (typeof candidate?.candidate === 'string' && candidate.candidate !== '') {
      const moved = await moveCandidate(candidate.candidate, move)
      return moved === undefined ? undefined : { ...payload, candidate: { ...candidate, candidate: moved } }
    }
    return payload
  }
}
