/** Finds the first bad of a row of builds, although some of them cannot be told. */

/** `unclear`: no build, or not enough evidence. */
export type Answer = 'good' | 'bad' | 'unclear'

export interface Found {
  /** Index of the last build that is good, and of the first after it that is bad. */
  good: number
  bad: number
  /** Those in between: one of them may be the first bad one. */
  unclear: number[]
}

/** The first of `count` builds is good, the last is bad. Asks for the one nearest to the middle. */
export async function bisect(count: number, ask: (index: number) => Promise<Answer>): Promise<Found> {
  let [good, bad] = [0, count - 1]
  const unclear = new Set<number>()
  for (;;) {
    const left = range(good + 1, bad).filter((index) => !unclear.has(index))
    if (left.length === 0) return { good, bad, unclear: range(good + 1, bad) }
    const middle = (good + bad) / 2
    const next = left.reduce((a, b) => (Math.abs(b - middle) < Math.abs(a - middle) ? b : a))
    const answer = await ask(next)
    if (answer === 'good') good = next
    else if (answer === 'bad') bad = next
    else unclear.add(next)
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
