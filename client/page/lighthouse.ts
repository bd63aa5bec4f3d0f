/** Checks whether this page can reach the Lighthouse. */
import pRetry from 'p-retry'

const ANSWER_WITHIN_MS = 3000

/**
 * Resolves once the Lighthouse answers, or after four more failed attempts: about five seconds if connections
 * are refused, twenty if nothing comes back. Peers dial the Lighthouse only once. If a name server does not
 * answer at first, as in a cluster whose containers have just started, the whole page would be lost. Never
 * rejects: a Lighthouse that hides its status from pages may still accept peers, and a missing one shows up
 * when they dial.
 */
export async function reachLighthouse(url: string): Promise<void> {
  const ask = () => fetch(`${url}/status`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  await pRetry(ask, { retries: 4, minTimeout: 300 }).catch(() => undefined)
}
