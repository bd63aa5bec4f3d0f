/** Whether this page gets through to the Lighthouse. */
import pRetry from 'p-retry'

const ANSWER_WITHIN_MS = 3000

/**
 * Resolves once the Lighthouse answers, or after four more attempts in vain: about five seconds where they are refused, twenty where nothing comes back.
 * Peers dial it once only; where a name server does not answer at first, as in a cluster whose containers have just started, all of the page would be
 * lost. It never rejects: a Lighthouse that lets no page read its status may take peers all the same, and one that is not there shows when they dial.
 */
export async function reachLighthouse(url: string): Promise<void> {
  const ask = () => fetch(`${url}/status`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  await pRetry(ask, { retries: 4, minTimeout: 300 }).catch(() => undefined)
}
