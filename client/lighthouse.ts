import pRetry from 'p-retry'

const ANSWER_WITHIN_MS = 3000

/**
 * Resolves once the Lighthouse answers, or after five attempts: about 5 s if connections are refused, 20 s if
 * nothing comes back. Peers dial it only once, and the name server of a cluster that has just started may be
 * late. Never rejects: one that hides its status from pages may accept peers; a missing one shows up later.
 */
export async function reachLighthouse(url: string): Promise<void> {
  const ask = () => fetch(`${url}/status`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  await pRetry(ask, { retries: 4, minTimeout: 300 }).catch(() => undefined)
}
