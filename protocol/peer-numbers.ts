/**
 * Maps ids to peers. The suite derives ids from the seed, the peer's number, and how often it has rejoined.
 */

/** Enough for churning peers, which rejoin a few times a minute. */
const MOST_INCARNATIONS = 1000

export class PeerNumbers {
  private readonly numbers = new Map<string, number>()
  private incarnations = 0

  constructor(
    private readonly peers: number,
    private readonly idOf: (number: number, incarnation: number) => string
  ) {}

  /** The peer's number; undefined if the id belongs to no peer. */
  of(id: string): number | undefined {
    while (!this.numbers.has(id) && this.incarnations < MOST_INCARNATIONS) this.addIncarnation()
    return this.numbers.get(id)
  }

  private addIncarnation(): void {
    const incarnation = this.incarnations++
    for (let number = 0; number < this.peers; number++)
      this.numbers.set(this.idOf(number, incarnation), number)
  }
}
