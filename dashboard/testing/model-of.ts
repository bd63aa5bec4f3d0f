import type { ResultsDocument } from '../../protocol/results-document'
import { loadDocument, TestModel } from '../model/test-model'

/** The model of a page that has read the document. */
export async function modelOf(document: ResultsDocument): Promise<TestModel> {
  const model = new TestModel()
  await loadDocument(model, new Blob([JSON.stringify(document)]).stream())
  return model
}
