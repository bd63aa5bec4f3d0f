/**
 * A report embeds its results document in the page, as base64 of gzip: no character of that alphabet can
 * close the element that holds it. dashboard/report/test-report.tsx writes it.
 */
export const EMBEDDED_ID = 'results-document'

/** This page's document, decompressed while it is read; undefined in the dashboard itself. */
export function embeddedDocument(): ReadableStream<Uint8Array> | undefined {
  const element = document.getElementById(EMBEDDED_ID)
  if (element === null) return undefined
  const binary = atob(element.textContent.trim())
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
}
