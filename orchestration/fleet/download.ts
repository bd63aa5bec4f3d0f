import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { makeFolder } from '../../cli/results-folder'
import { UserError } from '../../cli/user-error'
import { bearer, causeOf } from '../../protocol/api-client'

/** A document begins with the times of its test, which no other test has. */
const headOf = (file: string) => text(createReadStream(file, { end: 2_000 }))

/**
 * Saves a document of any size, whole or not at all, and never in the place of another test's. Returns
 * `<folder>/<testId>.json`. Throws UserError.
 */
export async function downloadResults(
  { url, token }: { url: string; token: string | undefined },
  testId: string,
  folder: string
): Promise<string> {
  const file = join(folder, `${testId}.json`)
  const part = `${file}.part`
  try {
    const { ok, status, body } = await fetch(`${url}/test/${encodeURIComponent(testId)}?dataPoints=true`, {
      headers: bearer(token)
    })
    if (!ok || body === null) throw new Error(`status ${status}`)
    makeFolder(folder)
    await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(part))
    if (existsSync(file) && (await headOf(file)) !== (await headOf(part)))
      throw new Error(`${file} has another test: move it away`)
    await rename(part, file)
    return file
  } catch (error) {
    await rm(part, { force: true })
    throw new UserError(`The results of ${testId} cannot be fetched (${causeOf(error)}).`)
  }
}
