/** A parsed network (parse.ts): groups of peers, each with a link that changes over time. */
import { canTraverse, hasRate, pathBetween, type Link, type Path } from './link'

/** Whom a peer can reach: everyone, only its own part (`partition`), or nobody (`offline`). */
export type Reach = 'everyone' | 'own part' | 'nobody'

/** The state of a part from a time on. */
export interface Step {
  /** ms since the start of the test. */
  at: number
  /** Name of the profile, or its figures, or `offline` or `partition`. */
  text: string
  /** During `offline` and `partition`: the link before them. */
  link: Link
  reach: Reach
}

/** Peers that share a link and its script. */
export interface Part {
  /** Number of peers of this part in each cycle, as in a mixture of routines. */
  weight: number
  /** In chronological order; the first is at 0. */
  steps: [Step, ...Step[]]
}

/** Figures of the path between two parts, in place of what their peers' lines give. */
export interface Override {
  /** Indexes of the parts. */
  from: number
  to: number
  figures: Partial<Path>
}

export interface Network {
  parts: [Part, ...Part[]]
  overrides: readonly Override[]
}

/** The state of a part at a time in ms since the start of the test, before which the first step applies. */
export const stepAt = ({ steps }: Part, at: number): Step =>
  steps.findLast((step) => step.at <= at) ?? steps[0]

/** Whether peers of this part have access lines with a rate, now or later. */
export const isRated = ({ steps }: Part) => steps.some(({ link }) => hasRate(link))

export function pathOf({ parts, overrides }: Network, from: number, to: number, at: number): Path {
  const [sender, receiver] = [from, to].map((part) => stepAt(parts[part]!, at).link)
  const own = overrides.find((each) => each.from === from && each.to === to)?.figures
  return { ...pathBetween(sender!, receiver!), ...own }
}

export function canReach(network: Network, from: number, to: number, at: number): boolean {
  const reaches = [from, to].map((part) => stepAt(network.parts[part]!, at).reach)
  if (reaches.includes('nobody')) return false
  return from === to || !reaches.includes('own part')
}

export const canConnect = ({ parts }: Network, from: number, to: number) =>
  canTraverse(parts[from]!.steps[0].link.nat, parts[to]!.steps[0].link.nat)

/** Outages and partitions, in ms since the start of the test; `to` is Infinity if one does not end. */
export function outagesOf({ parts }: Network) {
  return parts.flatMap(({ steps }, part) =>
    steps.flatMap(({ at, reach }, index) =>
      reach === 'everyone' ? [] : [{ part, reach, from: at, to: steps[index + 1]?.at ?? Infinity }]
    )
  )
}

/** One time for those that overlap or follow each other: between them, nothing can recover. */
export function mergedTimes(
  outages: readonly { from: number; to: number }[]
): { from: number; until?: number }[] {
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of [...outages].sort((one, other) => one.from - other.from)) {
    const last = joined.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined.map(({ from, to }) => (to === Infinity ? { from } : { from, until: to }))
}
