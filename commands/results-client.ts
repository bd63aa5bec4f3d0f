import { ResultsClient } from '../protocol/api-client'

/** A results server's client with the control token of the environment, where there is one. */
export function resultsClient(url: string): ResultsClient {
  const { RESULTS_SERVER_TOKEN: token } = process.env
  return new ResultsClient({ url, ...(token !== undefined && token !== '' && { token }) })
}
