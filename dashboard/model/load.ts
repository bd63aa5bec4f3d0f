/** Fills a model from a results document, either a file or the server's stream. */
import type { ResultsDocument } from '../../protocol/results-document'
import type { TestState } from '../../protocol/test-life'
import { readDocument } from './document-stream'
import type { TestModel } from './test-model'

type PartName = Exclude<keyof ResultsDocument, keyof TestState>

/** The model's methods for entries that are not part of the test's state. */
const METHODS = {
  summary: 'setSummary',
  peerResults: 'addFinalResults',
  runnerSamples: 'addSample',
  topologies: 'addTopology',
  dataPoints: 'addPoint'
} as const satisfies Record<PartName, keyof TestModel>

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
    if (!Object.hasOwn(METHODS, key)) {
      state[key] = value
      return
    }
    // The state comes first in the document, and everything after it is relative to the test's start.
    tellState()
    model[METHODS[key as PartName]](value as never)
  }
  await readDocument(stream, onEntry, stopBefore)
  tellState()
  model.setComplete()
}
