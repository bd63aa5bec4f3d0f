/**
 * Rewrites ICE candidates in the messages that peers exchange through a Lighthouse (RFC 8839, section 5.1).
 */
import type { Address } from './relay'

/** `candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ host …` */
const HOST_CANDIDATE = /^(candidate:\S+ \d+ udp \d+ )(\d+(?:\.\d+){3}) (\d+)( typ host\b.*)$/i

/**
 * Moves a UDP candidate of a peer's own IPv4 interface to the address that `move` returns. Undefined for all
 * other candidates, and if `move` returns undefined.
 */
export async function moveCandidate(
  candidate: string,
  move: (home: Address) => Promise<Address | undefined>
): Promise<string | undefined> {
  const [, before, address, port, after] = HOST_CANDIDATE.exec(candidate) ?? []
  if (before === undefined || address === undefined || after === undefined) return undefined
  // A build may say anything, and sending to a port that is none throws.
  if (Number(port) < 1 || Number(port) > 65_535) return undefined
  const moved = await move({ address, port: Number(port) })
  return moved && `${before}${moved.address} ${moved.port}${after}`
}

/** Moves the candidates of a session description. Leaves out those that cannot be moved. */
export async function moveCandidatesOf(
  sdp: string,
  move: (home: Address) => Promise<Address | undefined>
): Promise<string> {
  const lines: string[] = []
  for (const line of sdp.split('\r\n')) {
    const candidate = line.startsWith('a=candidate:') ? await moveCandidate(line.slice(2), move) : undefined
    if (candidate !== undefined) lines.push(`a=${candidate}`)
    else if (!line.startsWith('a=candidate:')) lines.push(line)
  }
  return lines.join('\r\n')
}
