/**
 * A finished test as one HTML file that needs no network: the dashboard's page with the script, the styles and the results
 * document inside. It can be mailed, and opened years later.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { EMBEDDED_ID } from './embedded'
import { buildOwnDashboard } from './own-dashboard'

/** Writes the report of a results document, given as a file or as a stream. Rejects where either cannot be read or written. */
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
      // Opened here and not before: its failure needs somebody who listens.
      typeof document === 'string' ? createReadStream(document) : document,
      createGzip(),
      base64(),
      async function* (text: AsyncIterable<Buffer>) {
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

/** What comes before and after the embedded document. */
async function pageAround(): Promise<[string, string]> {
  const { folder, close } = await buildOwnDashboard()
  try {
    // Inside an element, its end tag is the one thing that text must not hold.
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

/** Nothing from anywhere, and no script but this one. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  return `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`
}

/** Base64 of a stream: three bytes at a time, so that the pieces put together are the encoding of the whole. */
function base64(): Transform {
  let rest = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([rest, chunk])
      const whole = all.length - (all.length % 3)
      rest = all.subarray(whole)
      done(null, all.subarray(0, whole).toString('base64'))
    },
    flush(done) {
      done(null, rest.toString('base64'))
    }
  })
}
