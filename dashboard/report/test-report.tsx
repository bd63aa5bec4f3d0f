/**
 * A finished test as one HTML file that needs no network, to mail or to open years later: the dashboard's
 * script and styles, and the results document.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { EMBEDDED_ID } from '../embedded'
import { UserError } from '../../cli/user-error'
import { buildOwnDashboard } from '../build'
import { renderPage } from './page'

const DOCUMENT = '(here comes the document)'

/** Throws UserError if it cannot be written. @param document a file or a stream */
export async function writeReport(document: string | NodeJS.ReadableStream, outPath: string): Promise<void> {
  const [head, tail] = await pageAround()
  const temporary = `${outPath}.tmp`
  try {
    const file = await open(temporary, 'w')
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
    await rm(temporary, { force: true }).catch(() => undefined)
    // A stream that breaks has no such code.
    const { errno, message } = error as NodeJS.ErrnoException
    if (errno === undefined) throw error
    throw new UserError(
      `The report can't be written to ${outPath} (${message}): write it elsewhere with npx peer-perf report --out`
    )
  }
}

/** The parts of the page before and after the embedded document. */
async function pageAround(): Promise<[string, string]> {
  const { folder, close } = await buildOwnDashboard()
  try {
    // Text inside an element must not contain the element's end tag.
    const script = (await readFile(join(folder, 'dashboard.js'), 'utf8')).replaceAll('</script', '<\\/script')
    const style = (await readFile(join(folder, 'dashboard.css'), 'utf8')).replaceAll('</style', '<\\/style')
    const hash = createHash('sha256').update(script).digest('base64')
    const body = (
      <>
        <div id="root" />
        <noscript>This page draws its charts by script: please allow it.</noscript>
        <script type="text/plain" id={EMBEDDED_ID}>
          {DOCUMENT}
        </script>
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </>
    )
    const scripts = `script-src 'sha256-${hash}'; `
    const page = renderPage('Report of a peer performance test', body, { style, scripts })
    return page.split(DOCUMENT) as [string, string]
  } finally {
    await close()
  }
}
