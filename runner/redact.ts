/** Keeps secrets out of terminals, logs and results: browsers quote a page's whole address in errors. */

/** A URL's fragment holds the token. To look back from "#" takes linear time, ahead from "://" quadratic. */
const FRAGMENT = /#(?<=[a-z0-9+.-]:\/\/[^\s#'"<>]*#)[^\s'"<>)]*/gi

/** In a page's address, the ICE servers have the credentials of TURN servers. */
const ICE_SERVERS = /(?<=[?&]iceServers=)[^\s&#'"<>)]+/g

/** @param token cut out wherever it stands, with any address's fragment */
export function redact(text: string, token?: string): string {
  const rest = text.replace(FRAGMENT, '').replace(ICE_SERVERS, '…')
  return token === undefined || token === '' ? rest : rest.replaceAll(token, '[token]')
}
