/**
 * Parses a network: `home`, a mixture `home:6,4g:2`, custom figures `delay=40ms,loss=1%`, a script over time
 * `home,20s:offline,25s:home`, or all of these combined: `home:5,home:3,20s:partition,30s:home`.
 *
 *     network  = part *( "," part ) *( "," override )
 *     part     = profile [ ":" weight ] *( "," time ":" ( profile / "offline" / "partition" ) )
 *     profile  = name / figure *( "," figure )
 *     figure   = key "=" value
 *     override = part-number ">" part-number ":" figure *( "," figure )
 *
 * An item belongs to what precedes it: a time adds a step to the part before it, and a figure joins the
 * figures before it, unless a weight has closed them (`delay=40ms:6,delay=90ms:2`).
 */
import { LIMITS } from '../../protocol/limits'
import { nearest } from '../../protocol/nearest'
import { FIGURE_NAMES, formatLink, isFigureName, parseFigure } from './figures'
import { PERFECT, PROFILES, type Link } from './link'
import { pathOf, type Network, type Override, type Part, type Step } from './network'

const MAX_WEIGHT = 10_000
const MAX_TEXT = 1000
const MAX_AT_MS = LIMITS.durationSeconds * 1000
const UNITS_MS = { ms: 1, s: 1000, m: 60_000, min: 60_000 } as const

const STATES = { offline: 'nobody', partition: 'own part' } as const

const BURST_WITHOUT_LOSS = 'burst needs a loss, like loss=2%,burst=100ms'

/** Throws Error with one clear line that names the fix. */
export function parseNetwork(text: string): Network {
  if (text.length > MAX_TEXT) throw new Error(`a network has at most ${MAX_TEXT} characters`)
  const parts: Part[] = []
  const overrides: Override[] = []
  for (const [item, ...figures] of groupsOf(text)) {
    const [, from, to, ofPair] = /^(\d+)>(\d+):(.*)$/.exec(item) ?? []
    const [, time, unit, ofStep] = /^(\d+(?:\.\d+)?)(ms|s|min|m):(.*)$/.exec(item) ?? []
    if (ofPair !== undefined)
      overrides.push(readOverride(Number(from), Number(to), [ofPair, ...figures], parts.length, overrides))
    else if (overrides.length > 0)
      throw new Error(
        `"${item}" comes after a pair of parts: write the pairs last, like home:4,4g:4,1>2:delay=90ms`
      )
    else if (ofStep !== undefined) {
      const at = Number(time) * UNITS_MS[unit as keyof typeof UNITS_MS]
      addStep(parts.at(-1), at, [ofStep, ...figures], item)
    } else parts.push(readPart([item, ...figures]))
  }
  const network: Network = { parts: parts as [Part, ...Part[]], overrides }
  if (overrides.some(({ from, to, figures }) => figures.burst && !losesEver(network, from, to)))
    throw new Error(BURST_WITHOUT_LOSS)
  if (network.parts.length === 1 && network.parts[0].steps.some(({ reach }) => reach === 'own part'))
    throw new Error(
      '"partition" cuts one part of the peers off from the others, and there is only one: write home:5,home:3,20s:partition'
    )
  return network
}

/** Items that describe one link or pair: a figure joins those before it, unless a weight has closed them. */
type Group = [string, ...string[]]

function groupsOf(text: string): Group[] {
  const groups: Group[] = []
  let isOpen = false
  for (const item of text.split(',').map((each) => each.trim())) {
    if (isOpen && /^[^:]*=/.test(item)) groups.at(-1)!.push(item)
    else groups.push([item])
    isOpen = /^[^=]*=[^:]*$/.test(item)
  }
  return groups
}

/** Whether packets from a peer of one part to one of another are lost at any time of the script. */
function losesEver(network: Network, from: number, to: number): boolean {
  const steps = [from, to].flatMap((part) => network.parts[part]!.steps)
  return steps.some(({ at }) => pathOf(network, from, to, at).loss > 0)
}

/** The figures of the path from the peers of one part to those of another, counted from 1. */
function readOverride(
  from: number,
  to: number,
  items: Group,
  known: number,
  others: readonly Override[]
): Override {
  const pair = `${from}>${to}`
  if (Math.min(from, to) < 1 || Math.max(from, to) > known)
    throw new Error(
      `"${pair}" names parts of the network, counted from 1, and there ${known === 1 ? 'is 1' : `are ${known}`} before it`
    )
  if (others.some((each) => each.from === from - 1 && each.to === to - 1))
    throw new Error(`the pair ${pair} is given twice`)
  if (!items.every((item) => /^[^=:]+=[^:]*$/.test(item)))
    throw new Error(`"${pair}:${items.join(',')}": a pair takes figures, like ${pair}:delay=90ms,loss=1%`)
  const { figures } = readFigures(items)
  const own = (['down', 'up', 'nat'] as const).find((name) => figures[name] !== undefined)
  if (own !== undefined) throw new Error(`${own} belongs to a peer's line, not to the pair ${pair}`)
  return { from: from - 1, to: to - 1, figures }
}

function readPart(items: Group): Part {
  const [, state] = /^(offline|partition)(?::|$)/.exec(items[0]) ?? []
  if (state !== undefined)
    throw new Error(`"${state}" needs a time and a network before it, like home,20s:${state},30s:home`)
  const { text, link, weight } = readLink(items)
  const step: Step = { at: 0, text, link, reach: 'everyone' }
  return { weight: weight === undefined ? 1 : parseWeight(weight), steps: [step] }
}

function addStep(part: Part | undefined, at: number, items: Group, item: string): void {
  if (!part)
    throw new Error(`"${item}" has no network before it: write how the test begins first, like home,${item}`)
  const before = part.steps.at(-1)!
  if (at <= before.at)
    throw new Error(`the times of a script must rise: "${item}" does not come after ${before.at / 1000}s`)
  if (at > MAX_AT_MS) throw new Error(`"${item}" is later than any test lasts`)
  const [text] = items
  if (Object.hasOwn(STATES, text)) {
    part.steps.push({ at, text, link: before.link, reach: STATES[text as keyof typeof STATES] })
    return
  }
  const ofWeight = `"${items.at(-1)!}": a weight belongs to the first link of a script`
  if (/^(offline|partition):/.test(text)) throw new Error(ofWeight)
  const { figures, weight, ...link } = readLink(items)
  if (weight !== undefined) throw new Error(ofWeight)
  if (figures.nat !== undefined) throw new Error('nat belongs to the first link of a script')
  part.steps.push({ at, ...link, reach: 'everyone' })
}

/** A name or figures, and the weight after them. */
function readLink(items: Group) {
  if (!items[0].includes('=')) {
    const [text, weight] = items[0].split(/:(.*)/s)
    return { text: text!, link: linkNamed(text!), figures: {} as Partial<Link>, weight }
  }
  const { figures, weight } = readFigures(items)
  const link = { ...PERFECT, ...figures }
  if (link.burst > 0 && link.loss === 0) throw new Error(BURST_WITHOUT_LOSS)
  return { text: formatLink(link), link, figures, weight }
}

/** `key=value`, and after the last one perhaps `:weight`. */
function readFigures(items: Group) {
  const figures: Partial<Link> = {}
  let weight: string | undefined
  for (const item of items) {
    const [, name = '', value = '', last] = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(item) ?? []
    if (!isFigureName(name)) throw new Error(`unknown figure "${name}"${meant(name, FIGURE_NAMES)}`)
    if (figures[name] !== undefined)
      throw new Error(
        `${name} is given twice: end the first link by a weight, like delay=40ms:6,delay=90ms:2`
      )
    Object.assign(figures, { [name]: parseFigure(name, value) })
    weight = last
  }
  return { figures, weight }
}

function linkNamed(name: string): Link {
  const link = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined
  if (link) return link
  const names = [...Object.keys(PROFILES), ...Object.keys(STATES)]
  throw new Error(`unknown network "${name}"${meant(name, names)}`)
}

function meant(name: string, names: readonly string[]): string {
  const near = name === '' ? [] : nearest(name, names)
  if (near.length > 0) return `: did you mean ${near.join(' or ')}?`
  return `: there are ${names.join(', ')}, or figures of your own like delay=40ms,loss=1%`
}

function parseWeight(text: string): number {
  const weight = Number(text)
  if (!/^\d+$/.test(text) || weight < 1 || weight > MAX_WEIGHT)
    throw new Error(`a weight is a whole number from 1 to ${MAX_WEIGHT}, not "${text}": write home:6,4g:2`)
  return weight
}
