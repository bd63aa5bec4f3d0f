import { lowerBound } from './lower-bound'

/** The sequence numbers received from one peer, as [from, to] runs, ascending: without gaps, only one. */
export class SequenceSet {
  private readonly runs: [number, number][] = []

  /** Number of runs: one more than the number of gaps. */
  get runCount(): number {
    return this.runs.length
  }

  /** The highest sequence number; −1 if the set is empty. */
  get highest(): number {
    return this.runs.at(-1)?.[1] ?? -1
  }

  /** False if the set already contains it. */
  add(sequence: number): boolean {
    const at = this.indexOfRunUpTo(sequence)
    const before = this.runs[at]
    const after = this.runs[at + 1]
    if (before && before[1] >= sequence) return false
    const joinsBefore = before?.[1] === sequence - 1
    const joinsAfter = after?.[0] === sequence + 1
    if (joinsBefore && joinsAfter) {
      before[1] = after[1]
      this.runs.splice(at + 1, 1)
    } else if (joinsBefore) before[1] = sequence
    else if (joinsAfter) after[0] = sequence
    else this.runs.splice(at + 1, 0, [sequence, sequence])
    return true
  }

  remove(sequence: number): void {
    const at = this.indexOfRunUpTo(sequence)
    const run = this.runs[at]
    if (!run || run[1] < sequence) return
    const [from, to] = run
    const rest: [number, number][] = [
      [from, sequence - 1],
      [sequence + 1, to]
    ]
    this.runs.splice(at, 1, ...rest.filter(([first, last]) => first <= last))
  }

  /** The last run that begins at or before `sequence`; −1 if none does. */
  private indexOfRunUpTo(sequence: number): number {
    return lowerBound(this.runs.length, (index) => this.runs[index]![0] > sequence) - 1
  }
}
