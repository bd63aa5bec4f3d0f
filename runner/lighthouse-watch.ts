/** Whether the Lighthouse answers while the test runs, and which connections between peers it sees. */
import type { ResultsClient } from '../protocol/api-client'
import type { ServerClock } from '../protocol/clock/server-clock'
import type { Generation } from '../protocol/names'
import type { Topology } from '../protocol/topology'
import type { RunnerConfiguration } from './configuration'
import { askLighthouse } from './servers'
import type { Watch } from './watch'

const LOOK_EVERY_MS = 3_000
const ANSWER_WITHIN_MS = 2_500
/** The topology is submitted on every nth look. */
const LOOKS_PER_SUBMISSION = 3
/** A single lost answer may be due to an overloaded machine; soon after the second the mesh falls apart. */
const LOST_AFTER_FAILURES = 2

type LayersNode = { id: string; connectedPeerIds?: string[]; position?: [number, number, number] }
type IslandsTopology = { topology?: { id: string; connectedPeers: string[] }[] }

/** Returns a function that ends the watch. Of all runners, one `submits` the topology. */
export function watchLighthouse(
  { library, lighthouseUrl, testId }: RunnerConfiguration,
  client: ResultsClient,
  watch: Watch,
  submits: boolean,
  clock: Pick<ServerClock, 'now'>
): () => void {
  const path = library === 'layers' ? 'layers/blue/topology' : 'peers/topology'
  let failures = 0
  let looks = 0
  let name: string | undefined

  async function look(): Promise<void> {
    const at = clock.now()
    let nodes: Topology['nodes']
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
      const response = await fetch(`${lighthouseUrl.replace(/\/+$/, '')}/${path}`, { signal })
      // A proxy in its place, for example.
      if (response.status >= 500) throw new Error(response.statusText)
      // No layer exists before the first peer has joined.
      nodes = response.ok ? nodesOf(await response.json(), library) : []
      const before = name
      // The peers need no status. Back before it was missed, it has forgotten them all the same.
      name = (await askLighthouse(lighthouseUrl, ANSWER_WITHIN_MS).catch(() => undefined))?.name ?? name
      if (watch.running && before !== undefined && name !== before)
        watch.disturbed(`The Lighthouse ${lighthouseUrl} was restarted: the mesh fell apart meanwhile`)
      failures = 0
    } catch {
      failures += 1
      if (failures === LOST_AFTER_FAILURES)
        watch.disturbed(
          `The Lighthouse ${lighthouseUrl} does not answer any more: the mesh falls apart without it`
        )
      return
    }
    if (submits && nodes.length > 0 && looks++ % LOOKS_PER_SUBMISSION === 0) {
      // The peers' own data points list their connections, too: no run fails for this picture.
      await client.submitTopology(testId, { at, source: 'lighthouse', nodes }).catch(() => undefined)
    }
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

function nodesOf(answer: unknown, library: Generation): Topology['nodes'] {
  if (library === 'islands') return (answer as IslandsTopology).topology ?? []
  return (answer as LayersNode[]).map(({ id, connectedPeerIds: connectedPeers = [], position }) => {
    return { id, group: 'blue', connectedPeers, ...(position && { position }) }
  })
}
