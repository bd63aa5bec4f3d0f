import { ResultsClient } from '../protocol/api-client'

/** A client for the results server, with the control token from the environment if one is set. */
export const resultsClient = (url: string) =>
  new ResultsClient({ url, token: process.env.RESULTS_SERVER_TOKEN })
