/** Disjoint sets with path halving (Tarjan & van Leeuwen 1984): near-constant time per union. */
export class UnionFind {
  private readonly parents: Int32Array
  /** Number of sets. */
  sets: number

  constructor(size: number) {
    this.parents = Int32Array.from({ length: size }, (_, index) => index)
    this.sets = size
  }

  find(element: number): number {
    let root = element
    while (this.parents[root] !== root) {
      this.parents[root] = this.parents[this.parents[root]!]!
      root = this.parents[root]!
    }
    return root
  }

  union(a: number, b: number): void {
    const [rootA, rootB] = [this.find(a), this.find(b)]
    if (rootA === rootB) return
    this.parents[rootA] = rootB
    this.sets--
  }
}
