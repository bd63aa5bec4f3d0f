/** Fake tests for the dashboard to show. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import type { ResultsClient } from '../../protocol/api-client'

/**
 * Adds the data points and results of a fake test to a running test on the server, as if they were sent just
 * now.
 */
export async function feed(
  client: ResultsClient,
  testId: string,
  options: Parameters<typeof fakeDocument>[0],
  { from = 0, until = Infinity }: { from?: number; until?: number } = {}
): Promise<number> {
  const document = fakeDocument(options)
  const shift = (await client.getTest(testId)).startsAt! - document.startsAt!
  const points = document.dataPoints
    .filter(({ timestamp }) => {
      const second = (timestamp - document.startsAt!) / 1000
      return second >= from && second < until
    })
    .map(({ peerId, sequence, metrics }) => ({
      peerId,
      sequence,
      ...metrics,
      interval: { from: metrics.interval!.from + shift, until: metrics.interval!.until + shift }
    }))
  for (let i = 0; i < points.length; i += 50) await client.submitPoints(testId, points.slice(i, i + 50))
  return points.length
}

/**
 * Puts a finished test into a folder before a server reads it: its state and summary, in the server's format,
 * without its data.
 */
export async function storeFinished(
  folder: string,
  options: NonNullable<Parameters<typeof fakeDocument>[0]> & { id: string }
): Promise<void> {
  const { summary, ...document } = fakeDocument(options)
  const data = { peerResults: {}, runnerSamples: [], topologies: [], dataPoints: [] }
  const state = { ...document, ...Object.fromEntries(Object.keys(data).map((name) => [name, undefined])) }
  await writeFile(
    join(folder, `${options.id}.json`),
    `${JSON.stringify(state).slice(0, -1)},\n"summary":${JSON.stringify(summary)},\n${JSON.stringify(data).slice(1)}\n`
  )
}
