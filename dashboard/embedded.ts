/**
 * A report's document is base64 of gzip in its page, from dashboard/report/test-report.tsx: no character of
 * that alphabet can end its element.
 */
export const EMBEDDED_ID = 'results-document'

/** This page's document, decompressed while it is read; undefined in the dashboard itself. */
export function embeddedDocument(): ReadableStream<Uint8Array> | undefined {
  const element = document.getElementById(EMBEDDED_ID)
  if (element === null) return undefined
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (character) => character.charCodeAt(0))
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
}
