/** A bisection's question to browsers, by the gate's test with half of the difference as its margin. */
import { change } from '../analysis/gate/sentences'
import { runCompare, type Finished } from './compare-process'
import type { Answer } from './bisection'
import type { Told } from './virtual-probe'

const ANSWERS: Readonly<Record<Finished['gate']['verdict'], Answer>> = {
  pass: 'good',
  worse: 'bad',
  undecided: 'unclear'
}

/** That a gate takes. */
const LARGEST_MARGIN = 10

export interface BrowserOptions {
  /** Of the bisection: each of its comparisons can be resumed. */
  id: string
  metric: string
  /** Further flags of `peer-perf compare`. */
  args: readonly string[]
  signal: AbortSignal
}

export class BrowserProbe {
  private good = ''
  private margin = ''

  constructor(private readonly options: BrowserOptions) {}

  /** Describes how much worse the bad end is; null if that is not shown. */
  async differ(good: string, bad: string): Promise<string | null> {
    this.good = good
    const { verdict, component } = await this.compare('ends', bad)
    if (verdict !== 'worse' || typeof component?.estimate !== 'number') return null
    const { scale, estimate } = component
    const half = scale === 'ratio' ? Math.exp(Math.abs(Math.log(estimate)) / 2) - 1 : Math.abs(estimate) / 2
    this.margin = `:${Math.min(half, LARGEST_MARGIN).toFixed(6)}`
    return change(component, estimate)
  }

  async ask(build: string, name: string): Promise<Told> {
    const { verdict, component } = await this.compare(name, build)
    return { answer: ANSWERS[verdict], why: component ? change(component, component.estimate) : verdict }
  }

  private async compare(name: string, candidate: string) {
    const { id, metric, args, signal } = this.options
    const { gate } = await runCompare(
      `${id}-${name.replace(/\W/g, '-')}`,
      [
        ...['--engine', 'browser', '--baseline', this.good, '--candidate', candidate],
        ...['--gate', `only,${metric}${this.margin}`, ...args]
      ],
      { signal, resume: 'run the same command again' }
    )
    // The blocks or a simulated mesh: what decided says by how much.
    const components = [gate, ...gate.simulated].flatMap(({ criteria }) => criteria[0]?.components ?? [])
    const component = components.find((each) => each.verdict === 'worse') ?? components[0]
    return { verdict: gate.verdict, component }
  }
}
