/** What must hold before anything starts, so that a wrong setting costs no time and creates no test. */
import { chosenByUser } from './browser'
import type { RunnerConfiguration } from './configuration'
import { UserError } from '../options/user-error'

/** Throws UserError if no peer could ever connect, or no browser could ever start. */
export function checkPreconditions(behaviour: Pick<RunnerConfiguration, 'turn' | 'iceServers'>): void {
  checkTurn(behaviour)
  chosenByUser(process.env)
}

function checkTurn({ turn, iceServers }: Pick<RunnerConfiguration, 'turn' | 'iceServers'>): void {
  if (turn === 'only' && !/"turns?:/.test(JSON.stringify(iceServers ?? [])))
    throw new UserError(
      'TURN is "only", but ICE_SERVERS names no TURN server: set it to [{"urls":"turn:HOST:3478","username":"…","credential":"…"}]'
    )
}
