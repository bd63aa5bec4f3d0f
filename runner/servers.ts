/** Checks that the servers of a test are available, before anything is started. */
import { z } from 'zod'
import { ApiError, causeOf, UnreachableError, type ResultsClient } from '../protocol/api-client'
import type { RunnerProvenance } from '../protocol/runner-sample'
import type { TestState } from '../protocol/test-life'
import { UserError } from '../cli/user-error'

const TIMEOUT_MS = 10_000

/** A text that makes no sense is left out: it is only for comparing builds. */
const text = z
  .string()
  .min(1)
  .transform((value) => value.slice(0, 100))
  .optional()
  .catch(undefined)
const statusSchema = z.object({
  name: text,
  version: text,
  env: z.object({ commitHash: text, catalystVersion: text }).catch({})
})

/** The test to take part in. Throws UserError if the server is away or refuses, or if the test is over. */
export async function findTest(client: ResultsClient, testId: string): Promise<TestState> {
  const test = await client.getTest(testId).catch((error: unknown) => {
    throw explained(error, client.url, testId)
  })
  if (test.state === 'finished')
    throw new UserError(`The test "${testId}" is finished already: create another one`)
  return test
}

function explained(error: unknown, url: string, testId: string): unknown {
  if (error instanceof UnreachableError) return new UserError(error.message)
  if (!(error instanceof ApiError)) return error
  if (error.code === 'test-not-found')
    return new UserError(`${url} has no test "${testId}": create it by  curl -X POST ${url}/test/${testId}`)
  if (error.status === 401 || error.status === 403)
    return new UserError(`${url} refuses the token (${error.message}): set RESULTS_SERVER_SUBMIT_TOKEN`)
  return new UserError(`RESULTS_SERVER_URL ${url} does not answer as a results server does: ${error.message}`)
}

/** What identifies the Lighthouse's build. Throws UserError if there is none at the address. */
export async function askLighthouse(url: string, within?: number): Promise<RunnerProvenance['lighthouse']> {
  const answer = await get(url, '/status', 'LIGHTHOUSE_URL', 'npx peer-perf lighthouse', within)
  const status = statusSchema.safeParse(await answer.json().catch(() => undefined))
  if (!status.success)
    throw new UserError(`LIGHTHOUSE_URL ${url} does not answer as a Lighthouse does: no JSON at /status`)
  const { env, ...names } = status.data
  return { url, ...names, ...env }
}

/** Throws UserError if there is no page at the address. */
export async function checkClientPage(url: string): Promise<void> {
  const response = await get(url, '', 'CLIENT_URL', 'npx peer-perf devserver')
  const type = response.headers.get('content-type') ?? 'nothing'
  if (!type.includes('text/html')) throw new UserError(`CLIENT_URL ${url} is not a page: it answers ${type}`)
}

async function get(url: string, path: string, variable: string, command: string, within = TIMEOUT_MS) {
  const address = path === '' ? url : url.replace(/\/+$/, '') + path
  const signal = AbortSignal.timeout(within)
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    throw new UserError(
      `${variable} ${url} cannot be reached (${causeOf(error)}): start it with "${command}" or correct it`
    )
  })
  if (!response.ok)
    throw new UserError(`${variable} ${url} answers with status ${response.status}: is the address right?`)
  return response
}
