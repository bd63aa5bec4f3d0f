import type { ResultsDocument } from './results-document'

/** In the layout of the results server's own files: state in the first line, summary in the second. */
export function documentText(document: ResultsDocument): string {
  const { id, state, summary, peerResults, runnerSamples, topologies, dataPoints, ...rest } = document
  const sections = Object.entries({ summary, peerResults, runnerSamples, topologies, dataPoints })
    .filter(([, section]) => section !== undefined)
    .map(([name, section]) => `${JSON.stringify(name)}:${JSON.stringify(section)}`)
  return `${[JSON.stringify({ id, state, ...rest }).slice(0, -1), ...sections].join(',\n')}}\n`
}
