/** "Did you mean" suggestions: up to three names that are close to a misspelt one. */
export function nearest(name: string, names: readonly string[]): string[] {
  const tolerance = Math.max(2, Math.floor(name.length / 4))
  // A name that differs more in length is too far away, however long it is.
  return names
    .filter((candidate) => Math.abs(candidate.length - name.length) <= tolerance)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** Insertions, deletions and replacements that turn one into the other (Levenshtein 1966), row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced))
    }
    row = next
  }
  return row[to.length]!
}
