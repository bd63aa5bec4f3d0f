import { LIMITS } from '../protocol/limits'
import type { ResultsClient } from '../protocol/api-client'
import type { RunnerConfiguration } from './configuration'
import { MachineSampler } from './machine/sampler'

/** Stores why this runner never took part: its test may have nothing else to show. */
export async function reportNoStart(
  client: ResultsClient,
  { testId, runnerId }: RunnerConfiguration,
  error: unknown
): Promise<void> {
  const text = error instanceof Error ? error.message : String(error)
  const nobody = { peers: { wanted: 0, ready: 0, done: 0 }, tabs: { open: 0, crashed: 0 } }
  await client
    .submitRunnerSample(testId, runnerId, {
      sequence: 0,
      state: 'failed',
      ...nobody,
      ...new MachineSampler().sample(),
      errors: [text.slice(0, LIMITS.textLength)]
    })
    // No test or no server: then that is the error.
    .catch(() => undefined)
}
