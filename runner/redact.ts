/** Keeps tokens out of terminals, logs and results files: browsers quote a page's whole address in errors. */

/** A URL's fragment: a page's address carries the token there. */
const FRAGMENT = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s#'"<>]*)#[^\s'"<>)]*/gi

/** @param token cut out wherever it stands, with any address's fragment */
export function redact(text: string, token?: string): string {
  const rest = text.replace(FRAGMENT, '$1')
  return token === undefined || token === '' ? rest : rest.replaceAll(token, '[token]')
}
