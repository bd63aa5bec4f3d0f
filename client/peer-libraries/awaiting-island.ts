/** Waits for the island that the Lighthouse assigns to a peer. */

/** Islands come every 2 s. A real Lighthouse takes a peer that came back in between for the one that left. */
const LOST_AFTER_MS = 7_000
/** Away for longer than the Lighthouse's round. */
const AWAY_MS = 3_000
const TIMEOUT_MS = 60_000

export interface Arrival {
  readonly island: Promise<void>
  leave(): Promise<void>
}

/** Resolves once the peer is in an island. One that waits in vain comes back once. Rejects with one line. */
export async function awaitIsland(arrival: Arrival, comeBack: () => Promise<Pick<Arrival, 'island'>>) {
  if (await isWithin(arrival.island, LOST_AFTER_MS)) return
  await arrival.leave()
  await new Promise((resolve) => setTimeout(resolve, AWAY_MS))
  const { island } = await comeBack()
  if (await isWithin(island, TIMEOUT_MS)) return
  throw new Error(
    `The Lighthouse assigned no island in ${LOST_AFTER_MS / 1000} s, nor in ${TIMEOUT_MS / 1000} s after the peer had left and come back: does it speak islands?`
  )
}

function isWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds, false)
    promise.finally(() => clearTimeout(timer)).then(() => resolve(true), reject)
  })
}
