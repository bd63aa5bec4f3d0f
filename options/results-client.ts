import { ResultsClient } from '../protocol/api-client'

/** A client for the results server, with the control token from the environment if one is set. */
export function resultsClient(url: string): ResultsClient {
  const { RESULTS_SERVER_TOKEN: token } = process.env
  return new ResultsClient({ url, ...(token !== undefined && token !== '' && { token }) })
}
