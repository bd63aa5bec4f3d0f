/**
 * A fault in addition to the network's text. Times are in seconds since the routines started. As text,
 * `death@20s:3` and `partition@20s-30s:4`: peer 3 vanishes at 20 s; the first 4 peers are cut off from the
 * others from 20 s to 30 s.
 */
export type Fault =
  /** The peer vanishes without notice. */
  | { kind: 'death'; at: number; peer: number }
  /** The first `peers` peers and all others cannot hear each other. */
  | { kind: 'partition'; at: number; until: number; peers: number }
  /** The Lighthouse is killed: its connections are lost, and it does not respond. */
  | { kind: 'lighthouse'; at: number; until: number }
  /** The first `peers` peers leave properly, all within a second, and come back within a second. */
  | { kind: 'storm'; at: number; until: number; peers: number }

const FORM = /^(death|partition|storm|lighthouse)@(\d+(?:\.\d+)?)s(?:-(\d+(?:\.\d+)?)s)?(?::(\d+))?$/

/** Throws an Error with one line. */
export function parseFault(text: string): Fault {
  const [, kind, begin, end, count] = FORM.exec(text) ?? []
  const at = Number(begin)
  const until = Number(end)
  if (kind === 'death' && end === undefined && count !== undefined) return { kind, at, peer: Number(count) }
  if ((kind === 'partition' || kind === 'storm') && until > at && Number(count) > 0)
    return { kind, at, until, peers: Number(count) }
  if (kind === 'lighthouse' && until > at && count === undefined) return { kind, at, until }
  throw new Error(
    `"${text}" is not a fault: write death@20s:3, partition@20s-30s:4, storm@20s-30s:4 or lighthouse@20s-22s.`
  )
}

export function formatFault(fault: Fault): string {
  if (fault.kind === 'death') return `death@${fault.at}s:${fault.peer}`
  const peers = fault.kind === 'lighthouse' ? '' : `:${fault.peers}`
  return `${fault.kind}@${fault.at}s-${fault.until}s${peers}`
}
