/**
 * What happens to datagrams between two peers' access lines, one way. The relay and the simulation share this
 * model. Jitter and bursts of loss are functions of time, drawn from the seed: they do not depend on how much
 * is sent, so a build that sends more gets no other line.
 */
import { SeededRandom } from '../../protocol/random'
import type { Path } from './link'

/** An arrival that does not wait for datagrams sent earlier. */
export class Overtaking {
  constructor(readonly at: number) {}
}

const STREAMS = { fates: 0, jitter: 1, bursts: 2 }

export class Route {
  private readonly fates: SeededRandom
  private readonly jitter: Jitter
  private readonly bursts: Bursts
  private lastArrival = 0

  /** Equal seeds give equal routes. */
  constructor(...seed: number[]) {
    this.fates = new SeededRandom(...seed, STREAMS.fates)
    this.jitter = new Jitter(new SeededRandom(...seed, STREAMS.jitter))
    this.bursts = new Bursts(new SeededRandom(...seed, STREAMS.bursts))
  }

  /** When a datagram sent at `at` (ms since any fixed time) arrives; undefined if it is lost. */
  arrivalOf(at: number, path: Path): number | Overtaking | undefined {
    // Always makes both draws: changing one figure must not change the fate of later datagrams.
    const [fate, overtaking] = [this.fates.number(), this.fates.number()]
    if (path.burst === 0 ? fate < path.loss : this.bursts.isUnderWay(at, path)) return undefined
    if (overtaking < path.reorder) return new Overtaking(at)
    const arrival = Math.max(at, at + path.delay + this.jitter.at(at, path.jitter))
    return (this.lastArrival = Math.max(this.lastArrival, arrival))
  }
}

const STEP_MS = 20
/** Correlation of the delay with that one step before: 200 ms later, 37% of a deviation is left. */
const MEMORY = Math.exp(-STEP_MS / 200)

/**
 * A normally distributed deviation of the delay, as a first-order autoregressive process in steps of time. A
 * delay that falls faster than time passes would let packets overtake; so, as in a queue, whoever is sent
 * later arrives no earlier.
 */
class Jitter {
  private step = -1
  private deviation: number
  /** When something sent at the beginning and at the end of the step arrives, but for the line's delay. */
  private arrivals: [number, number] = [0, 0]

  constructor(private readonly random: SeededRandom) {
    this.deviation = random.normal()
  }

  /** The deviation at `at`, in ms. `standard` is the standard deviation. */
  at(at: number, standard: number): number {
    if (standard === 0) return 0
    while ((this.step + 1) * STEP_MS <= at) this.advance(standard)
    const [begin, end] = this.arrivals
    const share = at / STEP_MS - this.step
    return begin + (end - begin) * share - at
  }

  private advance(standard: number): void {
    const end = (++this.step + 1) * STEP_MS
    this.deviation = MEMORY * this.deviation + Math.sqrt(1 - MEMORY ** 2) * this.random.normal()
    const [, begin] = this.arrivals
    this.arrivals = [begin, Math.max(begin, end + standard * this.deviation)]
  }
}

/** Gilbert's model in continuous time: bursts, in which all is lost, and pauses have exponential lengths. */
class Bursts {
  private isBurst = false
  private until = 0
  private loss = 0
  private mean = 0

  constructor(private readonly random: SeededRandom) {}

  isUnderWay(at: number, { loss, burst }: Path): boolean {
    if (loss !== this.loss || burst !== this.mean) {
      Object.assign(this, { loss, mean: burst })
      this.begin(this.random.number() < loss, at)
    }
    while (this.until <= at) this.begin(!this.isBurst, this.until)
    return this.isBurst
  }

  private begin(isBurst: boolean, at: number): void {
    const { loss, mean } = this
    this.isBurst = isBurst
    this.until = at + this.random.exponential() * (isBurst ? mean : (mean * (1 - loss)) / loss)
  }
}
