/** Fills a model from a results document, either a file or the server's stream. */
import type { PointEvent } from '../../protocol/events'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument, StoredSample } from '../../protocol/results-document'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import type { Topology } from '../../protocol/topology'
import { readDocument } from './document-stream'
import type { TestModel } from './test-model'

type PartName = Exclude<keyof ResultsDocument, keyof TestState>

/** How the model adds each entry that is not part of the test's state. */
const PARTS: Record<PartName, (model: TestModel, value: never) => void> = {
  summary: (model, summary: Summary) => model.setSummary(summary),
  peerResults: (model, [id, results]: [string, PeerResults]) => model.addFinalResults(id, results),
  runnerSamples: (model, sample: StoredSample) => model.addSample(sample),
  topologies: (model, topology: Topology) => model.addTopology(topology),
  dataPoints: (model, point: PointEvent) => model.addPoint(point)
}

/** Throws SyntaxError if the stream is not a complete results document. */
export async function loadDocument(
  model: TestModel,
  stream: ReadableStream<Uint8Array>,
  stopBefore?: PartName
): Promise<void> {
  const state = {} as TestState & Record<string, unknown>
  const tellState = () => {
    if (model.state !== state) model.setState(state)
  }
  const onEntry = (key: string, value: unknown) => {
    if (!Object.hasOwn(PARTS, key)) {
      state[key] = value
      return
    }
    // The state comes first in the document, and everything after it is relative to the test's start.
    tellState()
    PARTS[key as PartName](model, value as never)
  }
  await readDocument(stream, onEntry, stopBefore)
  tellState()
  model.setComplete()
}
