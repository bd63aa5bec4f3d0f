/** Parses the page's address parameters into one typed value, or into one line for each error. */
import { LIMITS } from '../../protocol/limits'
import { parseMixture, type Mixture } from '../../options/kinds'
import { UserError } from '../../options/user-error'
import { optionsAt, readTexts, type SurfaceValues } from '../../options/surface'

export interface Parameters extends Omit<SurfaceValues<'page'>, 'routine'> {
  firstPeerNumber: number
  routine: Mixture
  meshPeers: number
  token?: string
}

/** Parses `location.search` and `location.hash`. Throws UserError. */
export function parseParameters(search: string, hash: string): Parameters {
  const query = new URLSearchParams(search)
  const known = optionsAt('page').map(({ name }) => name)
  const errors = [...new Set(query.keys())]
    .filter((name) => !known.includes(name))
    .map((name) => `unknown parameter ${JSON.stringify(name)}; ${whatIsKnown(name, known)}`)
  const { values, faults } = readTexts('page', ({ name }) => query.get(name))
  errors.push(...faults.map(({ name, message }) => `${name} ${message}`))
  // No layer and no island holds more.
  if (values.mesh === 'full' && (values.meshPeers ?? 0) > 100)
    errors.push(`meshPeers of a full mesh must be at most 100, not ${values.meshPeers}`)
  if (errors.length > 0) throw new UserError(`Wrong address: ${errors.join('; ')}`)
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token')
  return {
    ...values,
    firstPeerNumber: values.firstPeerNumber ?? randomBelow(LIMITS.peersPerTest),
    routine: parseMixture(values.routine),
    meshPeers: values.meshPeers ?? values.peerNumbers?.length ?? values.numberOfPeers,
    ...(token !== null && { token })
  }
}

function whatIsKnown(name: string, known: readonly string[]): string {
  const meant = known.find((each) => each.toLowerCase() === name.toLowerCase())
  return meant === undefined ? `the parameters are ${known.join(', ')}` : `did you mean ${meant}?`
}

export const randomBelow = (limit: number) => crypto.getRandomValues(new Uint32Array(1))[0]! % limit
