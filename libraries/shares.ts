/** The builds of a mesh and their shares of its peers: `layers@0.2.17:50,layers@0.2.20:50`. */
import { UserError } from '../cli/user-error'
import { parseLibrary } from './specification'

export interface BuildShare {
  text: string
  weight: number
}

const MOST_WEIGHT = 10_000

/** Does not check whether the builds exist. Throws UserError for a wrong weight or name. */
export function parseBuilds(text: string): [BuildShare, ...BuildShare[]] {
  const shares = text.split(',').map((part): BuildShare => {
    const [, build, weight = '1'] = /^(.+?)(?::(\d+))?$/.exec(part.trim()) ?? []
    if (build === undefined || Number(weight) < 1 || Number(weight) > MOST_WEIGHT)
      throw new UserError(
        `"${text}" names no builds: write one, or several with weights like layers@0.2.17:50,layers@0.2.20:50`
      )
    return { text: build, weight: Number(weight) }
  })
  for (const share of shares) parseLibrary(share.text)
  return shares as [BuildShare, ...BuildShare[]]
}

/** How many peers run each build. Throws UserError if a build gets none. */
export function peersOfBuilds(shares: readonly BuildShare[], peers: number): number[] {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0)
  let weight = 0
  let first = 0
  return shares.map((share) => {
    weight += share.weight
    const end = Math.round((peers * weight) / total)
    const count = end - first
    if (count === 0)
      throw new UserError(
        `None of the ${peers} peers would run "${share.text}": use more peers, or give it a larger weight`
      )
    first = end
    return count
  })
}
