/** Keeps tokens out of terminals, logs and results files: browsers quote a page's whole address in errors. */

/**
 * A URL's fragment: a page's address carries the token there. It looks back from the "#": to look for one
 * from each scheme on would take time that grows with the square of the text's length.
 */
const FRAGMENT = /#(?<=[a-z0-9+.-]:\/\/[^\s#'"<>]*#)[^\s'"<>)]*/gi

/** @param token cut out wherever it stands, with any address's fragment */
export function redact(text: string, token?: string): string {
  const rest = text.replace(FRAGMENT, '')
  return token === undefined || token === '' ? rest : rest.replaceAll(token, '[token]')
}
