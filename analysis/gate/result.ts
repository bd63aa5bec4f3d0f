/** What the gate found: of the whole, of a criterion, of a metric. */
import type { StabilityTest } from './attempts'

export interface ComponentResult {
  metric: string
  unit: string
  scale: 'ratio' | 'difference'
  direction: string
  margin: number
  verdict: CriterionVerdict
  /** Shown to be better than the baseline. */
  isBetter: boolean
  /** Medians; "never": most runs never reached it; null: unknown. */
  baseline: number | 'never' | null
  candidate: number | 'never' | null
  /** Ratio or difference; null: unknown. */
  estimate: number | 'never' | null
  /** Largest change for the worse with 95% confidence, over all looks; null with too few runs. */
  limit: number | 'never' | null
  /** Standard deviation of the blocks' changes: of logarithms, or in the metric's unit; null if unknown. */
  spread: number | null
  /** Number of blocks, or of runs of each build. */
  count: number
}

export type GateVerdict = 'pass' | 'worse' | 'undecided'
/** `not judged`: no run reports it, neither build reaches it, or these runs cannot show that it holds. */
export type CriterionVerdict = 'holds' | 'worse' | 'undecided' | 'not judged'

export interface CriterionResult {
  name: string
  asks: string
  verdict: CriterionVerdict
  margin: number
  /** One-sided p-value that the candidate is worse, adjusted for all criteria. 1 stands for "not shown". */
  worseP: number
  /** Why it is undecided, and what would settle it. */
  remark: string | null
  components: ComponentResult[]
}

/** The criteria judged on one set of runs. */
export interface GatePart {
  verdict: GateVerdict
  criteria: CriterionResult[]
  stability: Pick<StabilityTest, 'trials' | 'estimate' | 'limit'> | null
  /** The first uncaught error of each build: baseline, candidate. */
  firstErrors: (string | null)[]
  /** Whether more blocks would hardly change it. */
  isFirm: boolean
}

export interface SimulatedPart extends GatePart {
  peers: number
  isDeduplicated: boolean
  seeds: number
  /** Whether a seed gave the two builds different meshes. */
  meshesDiffer: boolean
  /** Why there are no runs; null if there are. */
  refused: string | null
}
