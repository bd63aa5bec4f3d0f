/**
 * Routes a test's peers through a relay by rewriting the ICE candidates that they exchange through the
 * development Lighthouse (RFC 8839, section 5.1).
 */
import type { Network } from '../../cli/network/network'
import { peerNumbers } from '../../protocol/peer-numbers'
import { Relay, type Address } from './relay'

/** In both library generations, OFFER and ANSWER carry `sdp`, and CANDIDATE carries `candidate`. */
type SignalPayload = { connectionId?: unknown; sdp?: { sdp?: unknown }; candidate?: { candidate?: unknown } }

/** A peer's id, as the client page draws it (client/randomness.ts). */
type PeerIdOf = (seed: number, number: number, incarnation: number, length: number, test?: string) => string

/** A test whose peers, numbered from 0, use the relay. */
interface RelayedTest {
  network: Network
  seed: number
  peers: number
  idLength: number
  /** The test's id, if peer ids depend on it. */
  test?: string | undefined
}

export class PeerRelay {
  private relay: Relay | undefined

  constructor(private readonly peerIdOf: PeerIdOf) {}

  /** From now on, the peers' connections pass the relay, until {@link close}. */
  open({ network, seed, peers, idLength, test }: RelayedTest): void {
    this.close()
    const numbers = peerNumbers(peers, (number, incarnation) =>
      this.peerIdOf(seed, number, incarnation, idLength, test)
    )
    const numberOf = (id: string) => {
      const number = numbers(id)
      if (number === undefined) throw new Error(`No peer of the test has the id ${id}: its line is not known`)
      return number
    }
    this.relay = new Relay({ network, seed, numberOf })
  }

  /** The test has started: its network's script follows the ms since then, which `elapsed` returns. */
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
  async rewrite({ src, dst, payload }: { src: string; dst: string; payload?: unknown }): Promise<unknown> {
    const { relay } = this
    if (!relay || typeof payload !== 'object' || payload === null) return payload
    const { connectionId, sdp, candidate } = payload as SignalPayload
    const move = (home: Address) => relay.addressFor(src, dst, String(connectionId), home)
    if (typeof sdp?.sdp === 'string')
      return { ...payload, sdp: { ...sdp, sdp: await moveCandidatesOf(sdp.sdp, move) } }
    if (typeof candidate?.candidate !== 'string' || candidate.candidate === '') return payload
    const moved = await moveCandidate(candidate.candidate, move)
    return moved === undefined ? undefined : { ...payload, candidate: { ...candidate, candidate: moved } }
  }
}

type Move = (home: Address) => Promise<Address | undefined>

/** `candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ host …` */
const HOST_CANDIDATE = /^(candidate:\S+ \d+ udp \d+ )(\d+(?:\.\d+){3}) (\d+)( typ host\b.*)$/i

/** Moves a UDP candidate of a peer's own IPv4 interface; undefined for all others. */
export async function moveCandidate(candidate: string, move: Move): Promise<string | undefined> {
  const [, before, address, port, after] = HOST_CANDIDATE.exec(candidate) ?? []
  if (before === undefined || address === undefined || after === undefined) return undefined
  // A build may say anything, and sending to a port that is none throws.
  if (Number(port) < 1 || Number(port) > 65_535) return undefined
  const moved = await move({ address, port: Number(port) })
  return moved && `${before}${moved.address} ${moved.port}${after}`
}

/** Moves the candidates of a session description. Leaves out those that cannot be moved. */
async function moveCandidatesOf(sdp: string, move: Move): Promise<string> {
  const lines: string[] = []
  for (const line of sdp.split('\r\n')) {
    const candidate = line.startsWith('a=candidate:') ? await moveCandidate(line.slice(2), move) : undefined
    if (candidate !== undefined) lines.push(`a=${candidate}`)
    else if (!line.startsWith('a=candidate:')) lines.push(line)
  }
  return lines.join('\r\n')
}
