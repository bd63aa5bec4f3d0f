/** Enough for churning peers, which rejoin a few times a minute. */
const MOST_INCARNATIONS = 1000

/**
 * Returns a function that finds a peer's number by its id, which derives from the seed, the number, and how
 * often it has rejoined; undefined if it is no peer's.
 */
export function peerNumbers(peers: number, idOf: (number: number, incarnation: number) => string) {
  const numbers = new Map<string, number>()
  let incarnations = 0
  return (id: string) => {
    for (; !numbers.has(id) && incarnations < MOST_INCARNATIONS; incarnations++)
      for (let number = 0; number < peers; number++) numbers.set(idOf(number, incarnations), number)
    return numbers.get(id)
  }
}
