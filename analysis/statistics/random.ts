import { xoroshiro128plus } from 'pure-rand/generator/XoroShiro'

export interface Random {
  /** In (0, 1), 53 bits. */
  uniform(): number
  /** Mean 0, standard deviation 1 (Box & Muller 1958). */
  normal(): number
}

/** The same seed gives the same numbers on every machine. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  const uniform = () => {
    const high = generator.unsafeNext() >>> 5
    const low = generator.unsafeNext() >>> 6
    return (high * 2 ** 26 + low + 0.5) / 2 ** 53
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}
