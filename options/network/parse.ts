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

/** Throws Error with one clear line that names the fix. */
export function parseNetwork(text: string): Network {
  if (text.length > MAX_TEXT) throw new Error(`a network has at most ${MAX_TEXT} characters`)
  const reader = new Reader()
  for (const item of text.split(',')) reader.read(item.trim())
  const network = reader.end()
  if (network.overrides.some(({ from, to, figures }) => figures.burst && !losesEver(network, from, to)))
    throw new Error(BURST_WITHOUT_LOSS)
  if (network.parts.length === 1 && network.parts[0].steps.some(({ reach }) => reach === 'own part'))
    throw new Error(
      '"partition" cuts one part of the peers off from the others, and there is only one: write home:5,home:3,20s:partition'
    )
  return network
}

/** Whether packets from a peer of one part to one of another are lost at any time of the script. */
function losesEver(network: Network, from: number, to: number): boolean {
  const steps = [from, to].flatMap((part) => network.parts[part]!.steps)
  return steps.some(({ at }) => pathOf(network, from, to, at).loss > 0)
}

/** Figures of a link or pair that is still being read. */
interface OpenLink {
  figures: Partial<Link>
  /** Receives all of them. */
  close: (figures: Partial<Link>) => void
}

const BURST_WITHOUT_LOSS = 'burst needs a loss, like loss=2%,burst=100ms'

const isPlainFigure = (item: string) => /^[^=:]+=[^:]*$/.test(item)

class Reader {
  private readonly parts: Part[] = []
  private readonly overrides: Override[] = []
  private open: OpenLink | undefined

  read(item: string): void {
    const pair = /^(\d+)>(\d+):(.*)$/.exec(item)
    const step = /^(\d+(?:\.\d+)?)(ms|s|min|m):(.*)$/.exec(item)
    if (pair) this.readOverride(Number(pair[1]), Number(pair[2]), pair[3]!)
    else if (this.overrides.length > 0 && !(this.open && isPlainFigure(item)))
      throw new Error(
        `"${item}" comes after a pair of parts: write the pairs last, like home:4,4g:4,1>2:delay=90ms`
      )
    else if (step) this.readStep(Number(step[1]) * UNITS_MS[step[2] as keyof typeof UNITS_MS], step[3]!, item)
    else if (item.includes('=')) this.readFigure(item)
    else this.readNamedPart(item)
  }

  end(): Network {
    this.closeLink()
    return { parts: this.parts as [Part, ...Part[]], overrides: this.overrides }
  }

  /** The figures of the path from the peers of one part to those of another. */
  private readOverride(from: number, to: number, figure: string): void {
    this.closeLink()
    const pair = `${from}>${to}`
    const known = this.parts.length
    if (Math.min(from, to) < 1 || Math.max(from, to) > known)
      throw new Error(
        `"${pair}" names parts of the network, counted from 1, and there ${known === 1 ? 'is 1' : `are ${known}`} before it`
      )
    const override: Override = { from: from - 1, to: to - 1, figures: {} }
    if (this.overrides.some((each) => each.from === override.from && each.to === override.to))
      throw new Error(`the pair ${pair} is given twice`)
    if (!isPlainFigure(figure))
      throw new Error(`"${pair}:${figure}": a pair takes figures, like ${pair}:delay=90ms,loss=1%`)
    this.overrides.push(override)
    const close = (figures: Partial<Link>) => {
      const own = (['down', 'up', 'nat'] as const).find((name) => figures[name] !== undefined)
      if (own !== undefined) throw new Error(`${own} belongs to a peer's line, not to the pair ${pair}`)
      Object.assign(override, { figures })
    }
    this.open = { figures: {}, close }
    this.readFigure(figure)
  }

  private readStep(at: number, profile: string, item: string): void {
    this.closeLink()
    const part = this.parts.at(-1)
    const before = part?.steps.at(-1)
    if (!part || !before)
      throw new Error(
        `"${item}" has no network before it: write how the test begins first, like home,${item}`
      )
    if (at <= before.at)
      throw new Error(`the times of a script must rise: "${item}" does not come after ${before.at / 1000}s`)
    if (at > MAX_AT_MS) throw new Error(`"${item}" is later than any test lasts`)
    if (profile.includes('=')) {
      part.steps.push(this.step(at))
      this.readFigure(profile)
    } else if (Object.hasOwn(STATES, profile)) {
      const reach = STATES[profile as keyof typeof STATES]
      part.steps.push({ at, text: profile, link: before.link, reach })
    } else part.steps.push(this.step(at, profile))
  }

  /** `key=value`, or `key=value:weight`. */
  private readFigure(item: string): void {
    const [, name = '', value = '', weight] = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(item) ?? []
    if (!isFigureName(name)) throw new Error(`unknown figure "${name}"${meant(name, FIGURE_NAMES)}`)
    if (!this.open) this.parts.push({ weight: 1, steps: [this.step(0)] })
    const { figures } = this.open!
    if (figures[name] !== undefined)
      throw new Error(
        `${name} is given twice: end the first link by a weight, like delay=40ms:6,delay=90ms:2`
      )
    Object.assign(figures, { [name]: parseFigure(name, value) })
    if (weight === undefined) return
    const part = this.parts.at(-1)!
    if (part.steps.length > 1) throw new Error(`"${item}": a weight belongs to the first link of a script`)
    part.weight = parseWeight(weight)
    this.closeLink()
  }

  private readNamedPart(item: string): void {
    this.closeLink()
    const [, name = '', weight] = /^([^:]*)(?::(.*))?$/.exec(item) ?? []
    if (Object.hasOwn(STATES, name))
      throw new Error(`"${name}" needs a time and a network before it, like home,20s:${name},30s:home`)
    const step = this.step(0, name)
    this.parts.push({ weight: weight === undefined ? 1 : parseWeight(weight), steps: [step] })
  }

  /** A step whose link has a name, or whose figures are still to be read: then it opens the link. */
  private step(at: number, name?: string): Step {
    if (name !== undefined) return { at, text: name, link: linkNamed(name), reach: 'everyone' }
    const step: Step = { at, text: '', link: PERFECT, reach: 'everyone' }
    const close = (figures: Partial<Link>) => {
      const finished = { ...PERFECT, ...figures }
      if (at > 0 && figures.nat !== undefined) throw new Error('nat belongs to the first link of a script')
      if (finished.burst > 0 && finished.loss === 0) throw new Error(BURST_WITHOUT_LOSS)
      Object.assign(step, { link: finished, text: formatLink(finished) })
    }
    this.open = { figures: {}, close }
    return step
  }

  private closeLink(): void {
    const { open } = this
    this.open = undefined
    open?.close(open.figures)
  }
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
