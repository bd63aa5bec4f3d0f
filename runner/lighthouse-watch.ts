/**
 * Watches the Lighthouse while the test runs: whether it answers, and which connections between peers it
 * sees.
 */
import type { ResultsClient } from '../protocol/api-client'
import type { Generation } from '../protocol/names'
import type { Topology } from '../protocol/topology'
import type { RunnerConfiguration } from './configuration'
import type { MachineClock } from './machine-clock'
import type { Watch } from './watch'

const LOOK_EVERY_MS = 3_000
const ANSWER_WITHIN_MS = 2_500
/** The topology is submitted on every nth look. */
const LOOKS_PER_SUBMISSION = 3
/**
 * A single lost answer may be due to an overloaded machine; the mesh falls apart some seconds after the
 * second.
 */
const LOST_AFTER_FAILURES = 2

interface LayersNode {
  id: string
  connectedPeerIds?: string[]
  position?: [number, number, number]
}
interface IslandsTopology {
  topology?: { id: string; connectedPeers: string[] }[]
}

export class LighthouseWatch {
  private timer: NodeJS.Timeout | undefined
  private failures = 0
  private looks = 0

  /** @param submits whether this runner submits the topology; only one of all runners does */
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
      // A proxy in its place, for example.
      if (response.status >= 500) throw new Error(response.statusText)
      // No layer exists before the first peer has joined.
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
      // A missing picture of the mesh does not justify a failed run: the peers' own data points list their
      // connections too.
      await this.client
        .submitTopology(this.configuration.testId, { at, source: 'lighthouse', nodes })
        .catch(() => undefined)
    }
  }
}

function nodesOf(answer: unknown, library: Generation): Topology['nodes'] {
  if (library === 'islands') return (answer as IslandsTopology).topology ?? []
  return (answer as LayersNode[]).map(({ id, connectedPeerIds = [], position }) => ({
    id,
    group: 'blue',
    connectedPeers: connectedPeerIds,
    ...(position && { position })
  }))
}
