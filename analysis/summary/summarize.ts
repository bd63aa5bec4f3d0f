import type { ResultsDocument } from '../../protocol/results-document'
import type { Summary } from '../../protocol/summary'
import { SummaryBuilder } from './summary-builder'

/** The summary of a whole results document. Its lists may be in any order. */
export function summarize(document: ResultsDocument): Summary {
  const builder = new SummaryBuilder(document)
  for (const [peerId, results] of Object.entries(document.peerResults))
    builder.addPeerResults(peerId, results)
  const samples = [...document.runnerSamples].sort(
    (a, b) => a.timestamp - b.timestamp || a.sequence - b.sequence
  )
  for (const sample of samples) builder.addRunnerSample(sample)
  for (const topology of document.topologies) builder.addTopology(topology)
  const points = [...document.dataPoints].sort((a, b) => a.sequence - b.sequence)
  for (const point of points) builder.addPoint(point)
  return builder.build()
}
