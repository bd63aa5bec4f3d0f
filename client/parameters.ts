/** Parses the page's address parameters into one typed value, or into one line for each error. */
import { LIMITS } from '../protocol/limits'
import { parseMixture, type Mixture } from '../cli/kinds'
import { UserError } from '../cli/user-error'
import { namesTurnServer } from '../cli/network/connecting'
import { optionsAt, readTexts, type SurfaceValues } from '../cli/surface'

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
  const errors = [...new Set(query.keys())].flatMap((name) => {
    if (!known.includes(name))
      return `unknown parameter ${JSON.stringify(name.slice(0, 80))}; ${whatIsKnown(name, known)}`
    return query.getAll(name).length > 1 ? `${name} must be given once` : []
  })
  const { values, faults } = readTexts('page', ({ name }) => query.get(name))
  errors.push(...faults.map(({ name, message }) => `${name} ${message}`))
  // No layer and no island holds more.
  if (values.mesh === 'full' && (values.meshPeers ?? 0) > 100)
    errors.push(`meshPeers of a full mesh must be at most 100, not ${values.meshPeers}`)
  const { peerNumbers } = values
  const numbered = peerNumbers?.length
  if (new Set(peerNumbers).size < (numbered ?? 0)) errors.push('peerNumbers must differ')
  if (numbered !== undefined && query.get('numberOfPeers') && values.numberOfPeers !== numbered)
    errors.push(`numberOfPeers must be ${numbered}, as peerNumbers says`)
  if (values.turn === 'only' && !namesTurnServer(values.iceServers))
    errors.push('turn=only needs a TURN server in iceServers')
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

/** A page opened by hand would call a perfect network by another name: only runners emulate. */
export function refuseNetworkWithoutRunner({ network, runnerId }: Parameters): void {
  if (network !== 'perfect' && runnerId === undefined)
    throw new UserError('Wrong address: network needs a runner, which emulates it: npx peer-perf clients')
}

function whatIsKnown(name: string, known: readonly string[]): string {
  if (name === 'token') return 'the token goes behind a #: #token=…'
  const meant = known.find((each) => each.toLowerCase() === name.toLowerCase())
  return meant === undefined ? `the parameters are ${known.join(', ')}` : `did you mean ${meant}?`
}

export const randomBelow = (limit: number) => crypto.getRandomValues(new Uint32Array(1))[0]! % limit
