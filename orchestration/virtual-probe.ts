/** A bisection's question to virtual time: is a build like the good one, or like the bad one? */
import { isDeepStrictEqual } from 'node:util'
import { closerTo, shiftOf, type Values } from '../analysis/comparison/halfway'
import { comparedMetric } from '../analysis/comparison/metric-choice'
import { formatMetric } from '../analysis/format'
import { valueAt } from '../analysis/metrics-catalog'
import { median } from '../analysis/statistics/median'
import { seededRandom } from '../analysis/statistics/random'
import { UserError } from '../cli/user-error'
import type { Summary } from '../protocol/summary'
import { planOf } from '../simulation/plan'
import { Pool, simulateAll } from '../simulation/pool'
import type { Outcome } from '../simulation/simulate'
import type { Answer } from './bisection'
import { prepareVariants, type PreparedVariant } from './simulated-bench'
import { parseVariant, type CommonOptions } from './variant'
import type { Setting } from './plan'

/** How many seeds decide, and then how many more. */
const LOOKS = [10, 20, 40, 80]
/** Chance that any answer of a bisection is wrong. */
const LEVEL = 0.05

export interface Told {
  answer: Answer
  why: string
}

export interface ProbeOptions {
  metric: string
  common: CommonOptions
  setting: Setting
  seed: number
  /** How many answers share the level. */
  questions: number
  allowUnknownOptions?: boolean | undefined
  signal: AbortSignal
  tell: (line: string) => void
}

/** Why a build has no values. */
class NoValueError extends UserError {}

export class VirtualProbe {
  private readonly metric: ReturnType<typeof comparedMetric>
  private readonly isCpu: boolean
  private readonly level: number
  private readonly seeds: number[]
  private readonly pool: Pool
  private readonly prepared = new Map<string, PreparedVariant>()
  private readonly counted = new Map<string, number[]>()
  /** Of each build, beside the good one's. */
  private readonly costs = new Map<string, [good: number, other: number][]>()
  private good = ''
  private bad = ''
  private shift = 0
  /** How many seeds show the shift: fewer may lack it. */
  private shownBy = 0

  constructor(private readonly options: ProbeOptions) {
    this.metric = comparedMetric(options.metric)
    this.isCpu = options.metric === 'machine.cpuMsPerDelivered'
    this.level = LEVEL / options.questions / LOOKS.length
    // One at a time: builds that share a core's caches would look slower.
    this.pool = new Pool(this.isCpu ? 1 : undefined)
    const random = seededRandom(options.seed)
    this.seeds = Array.from({ length: LOOKS.at(-1)! }, () => Math.floor(random.uniform() * 2 ** 32))
  }

  close(): void {
    this.pool.close()
  }

  /** Describes the difference of the two ends; null if virtual time shows none. */
  async differ(good: string, bad: string): Promise<string | null> {
    Object.assign(this, { good, bad })
    let values: Values | undefined
    for (const seeds of LOOKS) {
      const told = await this.valuesOf(good, bad, seeds)
      if (typeof told === 'string') return (this.options.tell(told), null)
      values = told
      this.shift = shiftOf(this.metric, values, this.level) ?? 0
      this.shownBy = seeds
      if (this.shift !== 0) break
    }
    const { good: before, other: after } = values!
    const differing = before.filter((value, index) => value !== after[index]).length
    if (this.shift === 0 && (this.isCpu || differing === 0)) return null
    const medians = `${this.shown(before)} → ${this.shown(after)}`
    if (this.shift !== 0) return medians
    return `differs in ${differing} of ${before.length} seeds (medians ${medians})`
  }

  async ask(build: string): Promise<Told> {
    let why = ''
    for (const seeds of LOOKS) {
      const values = await this.valuesOf(this.good, build, seeds)
      if (typeof values === 'string') return { answer: 'unclear', why: values }
      why = this.shown(values.other)
      const answer = (await this.equals(values, seeds)) ?? this.closer(values, seeds)
      if (answer) return { answer, why }
    }
    return { answer: 'unclear', why: `${why}, undecided after ${LOOKS.at(-1)!} seeds` }
  }

  /** The first seed's figures of a build. Throws UserError if it has none. */
  async summaryOf(build: string): Promise<Summary> {
    return usable(await this.simulate([build], this.seeds.slice(0, 1)))[0]!.document.summary!
  }

  /** Counts repeat exactly: equal values are the same behaviour, where the seeds tell the ends apart. */
  private async equals({ good, other }: Values, seeds: number): Promise<Answer | undefined> {
    if (this.isCpu) return undefined
    const ends = await this.valuesOf(this.good, this.bad, seeds)
    // Fewer seeds may have told the ends apart, and the bad end may fail with the others.
    if (typeof ends === 'string' || isDeepStrictEqual(good, ends.other)) return undefined
    if (isDeepStrictEqual(good, other)) return 'good'
    return isDeepStrictEqual(ends.other, other) ? 'bad' : undefined
  }

  private closer(values: Values, seeds: number): Answer | undefined {
    if (this.shift === 0 || seeds < this.shownBy) return undefined
    return closerTo(this.metric, values, this.shift, this.level)
  }

  private shown(values: readonly number[]): string {
    return formatMetric(median(values), this.metric.entry.unit)
  }

  /** Or why there are none. */
  private async valuesOf(good: string, other: string, seeds: number): Promise<Values | string> {
    try {
      return this.isCpu
        ? await this.cpuOf(good, other, seeds)
        : { good: await this.countedOf(good, seeds), other: await this.countedOf(other, seeds) }
    } catch (error) {
      if (error instanceof NoValueError) return error.message
      throw error
    }
  }

  private async countedOf(build: string, seeds: number): Promise<number[]> {
    const known = this.counted.get(build) ?? []
    this.counted.set(build, known)
    const { path } = this.metric.entry
    for (const { document } of usable(await this.simulate([build], this.seeds.slice(known.length, seeds)))) {
      const value = valueAt(document.summary!, path)
      if (value === null) throw new NoValueError(`virtual time does not tell ${path}`)
      known.push(value)
    }
    return known.slice(0, seeds)
  }

  /** Both builds in turn, so that a drift of the machine affects both; the first pair only warms up. */
  private async cpuOf(good: string, other: string, seeds: number): Promise<Values> {
    const known = this.costs.get(other) ?? []
    this.costs.set(other, known)
    const first = known.length === 0 ? this.seeds.slice(0, 1) : []
    const more = this.seeds.slice(known.length, seeds)
    const outcomes = usable(await this.simulate([good, other], [...first, ...more]))
    const costs = outcomes.map(({ cpuMs, document }) => cpuMs / document.summary!.received.all)
    for (let at = 2 * first.length; at < costs.length; at += 2) known.push([costs[at]!, costs[at + 1]!])
    return { good: known.map(([cost]) => cost), other: known.map(([, cost]) => cost) }
  }

  private async simulate(builds: readonly string[], seeds: readonly number[]): Promise<Outcome[]> {
    const { peers, peersPerTab: peersPerPage, duration, warmup, routine } = this.options.setting
    const settings = { peers, peersPerPage, duration, warmup, routine }
    const variants: PreparedVariant[] = []
    for (const build of builds) variants.push(await this.variantOf(build))
    const plans = seeds.flatMap((seed) =>
      variants.map(({ behaviour, prepared }) =>
        planOf({ ...behaviour, ...settings, id: `bisect-${seed}`, seed, builds: prepared })
      )
    )
    return simulateAll(plans, { pool: this.pool, signal: this.options.signal })
  }

  private async variantOf(build: string): Promise<PreparedVariant> {
    const { common, allowUnknownOptions, tell } = this.options
    const known = this.prepared.get(build)
    if (known) return known
    const choice = { variants: [parseVariant(build, common)], allowUnknownOptions }
    const [variant] = await prepareVariants(choice, { note: tell })
    this.prepared.set(build, variant!)
    return variant!
  }
}

/** Failed and void runs have no figures. */
function usable(outcomes: Outcome[]): Outcome[] {
  for (const { failures, document } of outcomes) {
    const [reason] = [...failures, ...document.summary!.reasons.map(({ rule }) => `void: ${rule}`)]
    if (reason !== undefined) throw new NoValueError(reason)
  }
  return outcomes
}
