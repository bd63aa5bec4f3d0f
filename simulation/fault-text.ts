/** Parses and formats faults such as `death@20s:3`, `partition@20s-30s:4`, `storm@20s-30s:4` and `lighthouse@20s-30s`. */
import type { Fault } from './plan'

const FORM = /^(death|partition|storm|lighthouse)@(\d+(?:\.\d+)?)s(?:-(\d+(?:\.\d+)?)s)?(?::(\d+))?$/

/**
 * Parses a fault. The examples at the top mean: peer 3 vanishes 20 s after the routines start; the first 4
 * peers are cut off from the others from 20 s to 30 s; they leave at 20 s and come back at 30 s; the Lighthouse is
 * down from 20 s to 30 s. Throws an
 * Error with one line.
 */
export function parseFault(text: string): Fault {
  const [, kind, begin, end, count] = FORM.exec(text) ?? []
  const at = Number(begin)
  const until = Number(end)
  if (kind === 'death' && end === undefined && count !== undefined) return { kind, at, peer: Number(count) }
  if ((kind === 'partition' || kind === 'storm') && until > at && Number(count) > 0)
    return { kind, at, until, peers: Number(count) }
  if (kind === 'lighthouse' && until > at && count === undefined) return { kind, at, until }
  throw new Error(
    `"${text}" is not a fault: write death@20s:3, partition@20s-30s:4, storm@20s-30s:4 or lighthouse@20s-30s.`
  )
}

/** Formats a fault as text that parses to the same fault. */
export function formatFault(fault: Fault): string {
  switch (fault.kind) {
    case 'death':
      return `death@${fault.at}s:${fault.peer}`
    case 'partition':
    case 'storm':
      return `${fault.kind}@${fault.at}s-${fault.until}s:${fault.peers}`
    case 'lighthouse':
      return `lighthouse@${fault.at}s-${fault.until}s`
  }
}
