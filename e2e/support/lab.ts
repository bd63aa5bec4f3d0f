/** A lab on free ports with its results in a temporary folder, and client runs in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { startLab, type Lab } from '../../orchestration/lab'
import { ResultsClient } from '../../protocol/api-client'
import type { ResultsDocument } from '../../protocol/results-document'
import { readConfiguration } from '../../runner/configuration'
import { PlainProgress } from '../../cli/progress'
import { runClients } from '../../runner/run'

export interface TestLab extends Lab {
  client: ResultsClient
}

export async function startTestLab(): Promise<TestLab> {
  const folder = mkdtempSync(join(tmpdir(), 'e2e-results-'))
  const ports = { lighthouse: 0, server: 0, page: 0 }
  const lab = await startLab({ folder, ports }, new PlainProgress(() => undefined))
  return {
    ...lab,
    client: new ResultsClient({ url: lab.resultsServerUrl }),
    close: async () => {
      await lab.close()
      rmSync(folder, { recursive: true })
    }
  }
}

export interface ClientsRun {
  /** The result of `runClients`, or the message of the error that it throws. */
  failures: Promise<readonly string[]>
  /** What the runner has printed so far. */
  output: string[]
  stop(): void
}

const running = new Set<ClientsRun>()

/** However the tests end, also cancelled ones. */
after(async () => {
  for (const run of running) run.stop()
  await Promise.all([...running].map(({ failures }) => failures))
})

/** Starts a runner in this process. `variables` override the lab's. */
export function startClients(
  lab: Omit<Lab, 'relay' | 'pageToken'> & Partial<Pick<Lab, 'relay' | 'pageToken'>>,
  testId: string,
  variables: Record<string, string>
): ClientsRun {
  const output: string[] = []
  const controller = new AbortController()
  const configuration = readConfiguration({
    TEST_ID: testId,
    LIGHTHOUSE_URL: lab.lighthouseUrl,
    RESULTS_SERVER_URL: lab.resultsServerUrl,
    RESULTS_SERVER_SUBMIT_TOKEN: lab.pageToken,
    CLIENT_URL: lab.clientUrl,
    ...variables
  })
  const failures: Promise<readonly string[]> = runClients(configuration, {
    builds: [{ clientUrl: configuration.clientUrl!, peers: Infinity }],
    progress: new PlainProgress((line) => output.push(line)),
    signal: controller.signal,
    relay: lab.relay
  }).then(
    (outcome) => [...outcome.failures, ...outcome.timeouts],
    (error: unknown) => [(error as Error).message]
  )
  const run: ClientsRun = {
    failures,
    output,
    stop: () => controller.abort()
  }
  running.add(run)
  failures.finally(() => running.delete(run)).catch(() => undefined)
  return run
}

/** The results document as stored on disk. */
export function readDocument(folder: string, testId: string): ResultsDocument {
  return JSON.parse(readFileSync(join(folder, `${testId}.json`), 'utf8')) as ResultsDocument
}
