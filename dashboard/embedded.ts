/**
 * A report carries its results document in the page: gzip in base64, an alphabet in which nothing can end the element
 * that holds it. dashboard/report-file.ts writes it.
 */
export const EMBEDDED_ID = 'results-document'

/** The document in this page, decompressed as it is read; undefined in the dashboard itself. */
export function embeddedDocument(): ReadableStream<Uint8Array> | undefined {
  const element = document.getElementById(EMBEDDED_ID)
  if (element === null) return undefined
  const binary = atob(element.textContent.trim())
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
}
