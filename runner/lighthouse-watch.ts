/** Looks after the Lighthouse while the test runs: is it there, and who is connected to whom as it sees it? */
import type { ResultsClient } from '../protocol/api-client'
import type { Topology } from '../protocol/topology'
import type { RunnerConfiguration } from './configuration'
import type { MachineClock } from './machine-clock'
import type { Watch } from './watch'

const LOOK_EVERY_MS = 3_000
const ANSWER_WITHIN_MS = 2_500
/** Every so many looks it is handed in. */
const LOOKS_PER_SUBMISSION = 3
/** One lost answer may be an overloaded machine's; the mesh falls apart some seconds after the second one. */
const LOST_AFTER_FAILURES = 2

interface LayersNode {
  id: string
  connectedPeerIds?: string[]
  position?: [number, number, number]
}
interface IslandsTopology {
  topology: { id: string; connectedPeers: string[] }[]
}

export class LighthouseWatch {
  private timer: NodeJS.Timeout | undefined
  private failures = 0
  private looks = 0

  /**
   * @param submits whether this runner hands in what the Lighthouse sees; one of all does
   */
  constructor(
    private readonly configuration: RunnerConfiguration,
    private readonly client: ResultsClient,
    private readonly watch: Watch,
    private readonly submits: boolean,
    private readonly clock: Pick<MachineClock, 'now'>
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    const { library, lighthouseUrl } = this.configuration
    const path = library === 'layers' ? 'layers/blue/topology' : 'peers/topology'
    const at = this.clock.now()
    let nodes: Topology['nodes']
    try {
      const response = await fetch(`${lighthouseUrl.replace(/\/+$/, '')}/${path}`, {
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS)
      })
      // Before the first peer has joined there is no layer.
      nodes = response.ok ? nodesOf(await response.json(), library) : []
      this.failures = 0
    } catch {
      this.failures += 1
      if (this.failures === LOST_AFTER_FAILURES)
        this.watch.problem(
          `The Lighthouse ${lighthouseUrl} does not answer any more: the mesh falls apart without it`
        )
      return
    }
    if (this.submits && nodes.length > 0 && this.looks++ % LOOKS_PER_SUBMISSION === 0) {
      // A picture of the mesh is worth no failed run: the peers' own data points tell their connections as well.
      await this.client
        .submitTopology(this.configuration.testId, { at, source: 'lighthouse', nodes })
        .catch(() => undefined)
    }
  }
}

function nodesOf(answer: unknown, library: 'layers' | 'islands'): Topology['nodes'] {
  if (library === 'islands') return (answer as IslandsTopology).topology
  return (answer as LayersNode[]).map(({ id, connectedPeerIds = [], position }) => ({
    id,
    group: 'blue',
    connectedPeers: connectedPeerIds,
    ...(position && { position })
  }))
}
