import type { PeerResults } from '../../../protocol/peer-results'
import type { TestState } from '../../../protocol/test-life'

/** Tolerance for an interval's edges, in ms: clocks are read to a fraction of a ms and rounded in transit. */
const SLACK = 1

export type Window = PeerResults['measured']

/** The part of a test that counts: from the end of the warm-up to the end of the routines. */
export class MeasuredTime {
  /** When the warm-up ends. Infinite until the test starts, so that nothing counts. */
  readonly from: number
  /** When the routines end, if the test defines it; otherwise infinite. */
  readonly plannedEnd: number

  constructor({ startsAt, warmup, duration }: Pick<TestState, 'startsAt' | 'warmup' | 'duration'>) {
    this.from = startsAt === undefined ? Infinity : startsAt + warmup * 1000
    this.plannedEnd = startsAt === undefined || duration === undefined ? Infinity : startsAt + duration * 1000
  }

  /** Whether an interval lies in the measured time. Arrivals while peers drain after the end do not count. */
  covers(from: number, until: number): boolean {
    return from >= this.from - SLACK && this.contains((from + until) / 2)
  }

  contains(instant: number): boolean {
    return instant >= this.from - SLACK && instant <= this.plannedEnd
  }
}
