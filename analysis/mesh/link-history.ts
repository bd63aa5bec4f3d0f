/** A peer's neighbours from a given time on. */
export interface LinkChange {
  /** The interval at whose end the neighbours were seen, in ms of the server's clock. */
  from: number
  until: number
  neighbours: readonly string[]
}

/** Whom a peer was connected to: only the changes. Add points in order of time; late ones are ignored. */
export class LinkHistory {
  readonly changes: LinkChange[] = []
  private current: ReadonlySet<string> | undefined
  private lastUntil = -Infinity

  add(from: number, until: number, neighbours: readonly string[]): void {
    if (until < this.lastUntil) return
    this.lastUntil = until
    if (this.current && sameMembers(this.current, neighbours)) return
    this.current = new Set(neighbours)
    this.changes.push({ from, until, neighbours: [...this.current] })
  }
}

function sameMembers(set: ReadonlySet<string>, members: readonly string[]): boolean {
  return set.size === members.length && members.every((member) => set.has(member))
}
