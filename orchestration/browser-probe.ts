/** A bisection's question to browsers, by the gate's test with half of the difference as its margin. */
import { isMeasured } from '../analysis/formats/judged'
import type { ComponentResult } from '../analysis/gate/result'
import { sizeOf } from '../analysis/gate/sentences'
import { ID_PATTERN } from '../protocol/limits'
import { idOf, notMeasured, runCompare, type Finished } from './compare-process'
import type { Answer } from './bisection'
import type { Told } from './virtual-probe'

const ANSWERS: Readonly<Record<Finished['gate']['verdict'], Answer>> = {
  pass: 'good',
  worse: 'bad',
  undecided: 'unclear'
}

/** Where the metric got better, the good end is the worse one. */
const REVERSED: typeof ANSWERS = { pass: 'bad', worse: 'good', undecided: 'unclear' }

/** That a gate takes. */
const LARGEST_MARGIN = 10

/** Any margin tells never, or 0, from a value: the largest ignores how much values differ. */
function halfOf({ scale, estimate }: ComponentResult): number {
  if (typeof estimate !== 'number') return Infinity
  return scale === 'ratio' ? Math.exp(Math.abs(Math.log(estimate)) / 2) - 1 : Math.abs(estimate) / 2
}

/** A prerelease may have a name that is too long for an id. */
function stepId(bisection: string, name: string): string {
  const id = `${bisection}-${name.replace(/\W/g, '-')}`
  return ID_PATTERN.test(id) ? id : idOf(bisection, name)
}

export interface BrowserOptions {
  /** Of the bisection: each of its comparisons can be resumed. */
  id: string
  metric: string
  /** Further flags of `peer-perf compare`. */
  args: readonly string[]
  signal: AbortSignal
}

export class BrowserProbe {
  private baseline = ''
  private answers = ANSWERS
  private against = ''
  private margin = ''

  constructor(private readonly options: BrowserOptions) {}

  /** Describes how much worse or better the bad end is; null if neither is shown. */
  async differ(good: string, bad: string): Promise<string | null> {
    this.baseline = good
    const { verdict, component } = await this.compare('ends', bad)
    if (component === undefined || (verdict !== 'worse' && !component.isBetter)) return null
    const { isBetter } = component
    // The gate shows that a build is worse than the better end, or that it is not.
    if (isBetter) Object.assign(this, { baseline: bad, answers: REVERSED, against: ' against --bad' })
    this.margin = `:${(100 * Math.min(halfOf(component), LARGEST_MARGIN)).toFixed(4)}%`
    return sizeOf(component)
  }

  async ask(build: string, name: string): Promise<Told> {
    const { verdict, component } = await this.compare(name, build)
    const why = component ? sizeOf(component) + this.against : verdict
    return { answer: this.answers[verdict], why }
  }

  private async compare(name: string, candidate: string) {
    const { metric, args, signal } = this.options
    const id = stepId(this.options.id, name)
    const question = [
      ...['--engine', 'browser', '--baseline', this.baseline, '--candidate', candidate],
      ...['--gate', `only,${metric}${this.margin}`, ...args]
    ]
    const finished = await runCompare(id, question, signal)
    if (!isMeasured(finished)) throw notMeasured(id, id, finished)
    const { gate } = finished
    // The blocks or a simulated mesh: what decided says by how much.
    const components = [gate, ...gate.simulated].flatMap(({ criteria }) => criteria[0]?.components ?? [])
    const component =
      components.find((each) => each.verdict === 'worse') ??
      components.find(({ isBetter }) => isBetter) ??
      components[0]
    return { verdict: gate.verdict, component }
  }
}
