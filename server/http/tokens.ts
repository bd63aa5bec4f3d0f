/** Checks the callers' secrets at startup, before a faulty one locks everyone out. */
import { UserError } from '../../options/user-error'
import { isLoopbackAddress } from './access'

export interface Tokens {
  controlToken?: string | undefined
  submitToken?: string | undefined
}

/**
 * Visible ASCII: a client can send it after "Authorization: Bearer ", and this server reads it back
 * unchanged.
 */
const SENDABLE = /^[\x21-\x7e]{1,1024}$/

/** Throws UserError for tokens that would not protect the server or that nobody could send. */
export function checkTokens({ controlToken, submitToken }: Tokens, host: string): void {
  if (!isLoopbackAddress(host) && controlToken === undefined)
    throw new UserError(
      `HOST ${host} can be reached by others: set RESULTS_SERVER_TOKEN (e.g. to the output of "openssl rand -hex 24"), or leave HOST out`
    )
  if (submitToken !== undefined && controlToken === undefined)
    throw new UserError(
      'RESULTS_SERVER_SUBMIT_TOKEN protects nothing without RESULTS_SERVER_TOKEN: set both, or neither'
    )
  for (const [name, token] of [
    ['RESULTS_SERVER_TOKEN', controlToken],
    ['RESULTS_SERVER_SUBMIT_TOKEN', submitToken]
  ] as const)
    if (token !== undefined && !SENDABLE.test(token))
      throw new UserError(
        `${name} cannot be sent in a header: use 1 to 1,024 visible ASCII characters without spaces (e.g. "openssl rand -hex 24")`
      )
  if (controlToken !== undefined && controlToken === submitToken)
    throw new UserError(
      'RESULTS_SERVER_SUBMIT_TOKEN equals RESULTS_SERVER_TOKEN: whoever submits could delete. Choose two'
    )
}
