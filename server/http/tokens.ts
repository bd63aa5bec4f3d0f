/** Checks the callers' secrets at startup, before a faulty one locks everyone out. */
import { UserError } from '../../options/user-error'
import { isLoopbackAddress, TOKEN_NAMES, type Tokens } from './access'

/**
 * Visible ASCII: a client can send it after "Authorization: Bearer ", and this server reads it back
 * unchanged.
 */
const SENDABLE = /^[\x21-\x7e]{1,1024}$/

/** Throws UserError for tokens that would not protect the server or that nobody could send. */
export function checkTokens(tokens: Tokens, host: string): void {
  const { controlToken } = tokens
  const narrow = [
    [TOKEN_NAMES.submit, tokens.submitToken],
    [TOKEN_NAMES.read, tokens.readToken]
  ] as const
  if (!isLoopbackAddress(host) && controlToken === undefined)
    throw new UserError(
      `HOST ${host} can be reached by others: set RESULTS_SERVER_TOKEN (e.g. to the output of "openssl rand -hex 24"), or leave HOST out`
    )
  for (const [name, token] of narrow)
    if (token !== undefined && controlToken === undefined)
      throw new UserError(`${name} protects nothing without RESULTS_SERVER_TOKEN: set both, or neither`)
  for (const [name, token] of [[TOKEN_NAMES.control, controlToken], ...narrow] as const)
    if (token !== undefined && !SENDABLE.test(token))
      throw new UserError(
        `${name} cannot be sent in a header: use 1 to 1,024 visible ASCII characters without spaces (e.g. "openssl rand -hex 24")`
      )
  const set = [controlToken, tokens.submitToken, tokens.readToken].filter((token) => token !== undefined)
  if (new Set(set).size < set.length)
    throw new UserError(
      'Two of the tokens are equal: whoever submits or looks could delete. Choose a different one for each'
    )
}
