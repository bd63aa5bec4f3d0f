import type { TestState } from '../../protocol/test'

/** Clocks are read to a fraction of a ms and rounded on their way: so much, in ms, an edge may be off. */
const SLACK = 1

/** From and until when, ms of the server's clock. */
export interface Window {
  from: number
  until: number
}

/** The part of a test that counts: from the end of the warm-up to the end of the routines. */
export class MeasuredTime {
  /** When the warm-up ends; infinite while the test has not been started, so that nothing counts. */
  readonly from: number
  /** When the routines end, where the test says so; else infinite. */
  readonly plannedEnd: number

  constructor({ startsAt, warmup, duration }: Pick<TestState, 'startsAt' | 'warmup' | 'duration'>) {
    this.from = startsAt === undefined ? Infinity : startsAt + warmup * 1000
    this.plannedEnd = startsAt === undefined || duration === undefined ? Infinity : startsAt + duration * 1000
  }

  /** Whether an interval lies in the measured time. What arrives while peers drain after the end does not. */
  covers(from: number, until: number): boolean {
    return from >= this.from - SLACK && this.contains((from + until) / 2)
  }

  contains(instant: number): boolean {
    return instant >= this.from - SLACK && instant <= this.plannedEnd
  }
}
