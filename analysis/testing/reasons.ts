import type { ResultsDocument } from '../../protocol/results-document'
import type { Reason } from '../../protocol/summary'
import { summarize } from '../summary/summarize'
import { fakeMesh } from './fake-mesh'
import type { FakeOptions } from './fake-options'

/** Why a fake test is void, after `spoil` has changed its document. */
export function reasonsOf(options: FakeOptions, spoil?: (document: ResultsDocument) => void): Reason[] {
  const { document } = fakeMesh({ duration: 12, ...options })
  spoil?.(document)
  return summarize(document).reasons
}
