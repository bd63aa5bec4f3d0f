/** What must hold before anything starts, so that a wrong setting costs no time and creates no test. */
import { chosenByUser } from './browser'
import type { RunnerConfiguration } from './configuration'
import { namesTurnServer } from '../cli/network/connecting'
import { engineOf } from '../cli/network/engine'
import { parseNetwork } from '../cli/network/parse'
import { UserError } from '../cli/user-error'

type Conditions = Pick<RunnerConfiguration, 'turn' | 'iceServers' | 'network'> & { on?: string }

/** Throws UserError if no peer could ever connect, or no browser of this machine could ever start. */
export function checkPreconditions({ turn, iceServers, network, on }: Conditions): void {
  if (turn === 'only' && !namesTurnServer(iceServers))
    throw new UserError(
      'TURN is "only", but ICE_SERVERS names no TURN server: set it to [{"urls":"turn:HOST:3478","username":"…","credential":"…"}]'
    )
  // It moves candidates of the peers' own interfaces only.
  if (turn === 'only' && engineOf(parseNetwork(network)) === 'relay')
    throw new UserError(
      `TURN is "only", but NETWORK ${network} takes the relay, which leads to no TURN server: use a network without jitter, burst, reorder, nat, pairs and partition`
    )
  if (on === undefined) chosenByUser(process.env)
}
