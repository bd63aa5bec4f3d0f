/** The results document: `<id>.json` on disk, and the response of `GET /test/:testId?dataPoints=true`. */
import { z } from 'zod'
import { dataPointSchema } from './data-point'
import { peerResultsSchema } from './peer-results'
import { idSchema, instantSchema } from './primitives'
import { runnerSampleSchema } from './runner-sample'
import { summarySchema } from './summary'
import { testStateSchema } from './test-life'
import { topologySchema } from './topology'

/** A runner's sample as the server stores it. */
export const storedSampleSchema = runnerSampleSchema.extend({ runnerId: idSchema, timestamp: instantSchema })
export type StoredSample = z.infer<typeof storedSampleSchema>

/** The long lists come last, so that a streaming reader gets the state first. */
export const resultsDocumentSchema = testStateSchema.extend({
  summary: summarySchema.optional().describe('once the test is finished'),
  peerResults: z.record(idSchema, peerResultsSchema),
  runnerSamples: z.array(storedSampleSchema),
  topologies: z.array(topologySchema),
  dataPoints: z.array(dataPointSchema)
})
export type ResultsDocument = z.infer<typeof resultsDocumentSchema>
