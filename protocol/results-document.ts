/** The results document: `<id>.json` on disk, and the response of `GET /test/:testId?dataPoints=true`. */
import { z } from 'zod'
import { dataPointSchema, type DataPoint } from './data-point'
import { peerResultsSchema, type PeerResults } from './peer-results'
import { idSchema, instantSchema } from './primitives'
import { runnerSampleSchema, type RunnerSample } from './runner-sample'
import { summarySchema, type Summary } from './summary'
import { testStateSchema, type TestState } from './test-life'
import { topologySchema, type Topology } from './topology'

/** A runner's sample as the server stores it. */
export const storedSampleSchema = runnerSampleSchema.extend({ runnerId: idSchema, timestamp: instantSchema })
export type StoredSample = RunnerSample & { runnerId: string; timestamp: number }

/** The long lists come last, so that a streaming reader gets the state first. */
export const resultsDocumentSchema = testStateSchema.extend({
  summary: summarySchema.optional().describe('once the test is finished'),
  peerResults: z.record(idSchema, peerResultsSchema),
  runnerSamples: z.array(storedSampleSchema),
  topologies: z.array(topologySchema),
  dataPoints: z.array(dataPointSchema)
})

export type ResultsDocument = TestState & {
  summary?: Summary
  peerResults: Record<string, PeerResults>
  runnerSamples: StoredSample[]
  topologies: Topology[]
  dataPoints: DataPoint[]
}
