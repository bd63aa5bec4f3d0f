import pRetry from 'p-retry'

const ANSWER_WITHIN_MS = 3000

/**
 * Resolves once the Lighthouse answers, or after five attempts: peers dial it only once, and a name server
 * may be late. Never rejects: one that hides its status from pages may accept peers.
 */
export async function reachLighthouse(url: string): Promise<void> {
  const ask = () => fetch(`${url}/status`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  await pRetry(ask, { retries: 4, minTimeout: 300 }).catch(() => undefined)
}
