/**
 * A finished test as one HTML file that needs no network: the dashboard's page with its script, styles and
 * the results document embedded. You can mail it, and open it years later.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { EMBEDDED_ID } from '../embedded'
import { buildOwnDashboard } from '../build'

/**
 * Writes the report of a results document, given as a file or a stream. Rejects if reading or writing fails.
 */
export async function writeReport(document: string | NodeJS.ReadableStream, outPath: string): Promise<void> {
  const [head, tail] = await pageAround()
  const temporary = `${outPath}.tmp`
  const file = await open(temporary, 'w').catch((error: unknown) => {
    throw new Error(`The report can't be written to ${outPath} (${codeOf(error)}): name another file`, {
      cause: error
    })
  })
  try {
    await pipeline(
      // Opened here, where a failure is handled.
      typeof document === 'string' ? createReadStream(document) : document,
      createGzip().setEncoding('base64'),
      async function* (text: AsyncIterable<string>) {
        yield head
        yield* text
        yield tail
      },
      file.createWriteStream()
    )
    await rename(temporary, outPath)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error)

/** The parts of the page before and after the embedded document. */
async function pageAround(): Promise<[string, string]> {
  const { folder, close } = await buildOwnDashboard()
  try {
    // Text inside an element must not contain the element's end tag.
    const script = (await readFile(join(folder, 'dashboard.js'), 'utf8')).replaceAll('</script', '<\\/script')
    const styles = (await readFile(join(folder, 'dashboard.css'), 'utf8')).replaceAll('</style', '<\\/style')
    return [
      `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Report of a peer performance test</title>
<style>${styles}</style>
</head>
<body>
<div id="root"></div>
<noscript>This page draws its charts by script: please allow it.</noscript>
<script type="text/plain" id="${EMBEDDED_ID}">`,
      `</script>
<script>${script}</script>
</body>
</html>
`
    ]
  } finally {
    await close()
  }
}

/** Allows only this script, and nothing from the network. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  return `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`
}
