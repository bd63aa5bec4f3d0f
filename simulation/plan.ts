/** What to simulate. */
import { behaviourOf, type Behaviour } from '../options/behaviour'
import type { Fault } from './fault-text'
import type { LibraryBuild } from './library-build'
import { checkPossible } from './possible'

export type { Fault }

export interface Plan extends Behaviour {
  id: string
  peers: number
  seed: number
  /** s that the routines run, and of them not measured. */
  duration: number
  warmup: number
  /** One build, or several in one mesh: peers are assigned to builds by weight. */
  builds: readonly [LibraryBuild, ...LibraryBuild[]]
  /** Number of peers that share a page and its thread. */
  peersPerPage: number
  /** ms between the opening of two pages: the runner opens tabs one after the other. */
  pageInterval: number
  faults: readonly Fault[]
  /** Follows each message, so that the outcome tells which ones never came. */
  tracesMessages: boolean
  /** ms for which each packet or timer keeps a page's thread busy; 0: infinitely fast machines. */
  costOfPacket: number
  costOfTimer: number
  labels: Readonly<Record<string, string>>
  thresholds: readonly string[]
}

/** How long Chromium takes to open a new tab and its page. */
const PAGE_INTERVAL_MS = 500

export type PlanChoices = Partial<Omit<Plan, 'builds'>> & Pick<Plan, 'builds' | 'peers' | 'seed'>

/** A plan with default values for everything not given. Throws UserError if it is impossible. */
export function planOf(choices: PlanChoices): Plan {
  const plan: Plan = {
    id: `simulated-${choices.seed}`,
    duration: 30,
    warmup: 5,
    peersPerPage: choices.peers,
    pageInterval: PAGE_INTERVAL_MS,
    faults: [],
    tracesMessages: false,
    costOfPacket: 0,
    costOfTimer: 0,
    labels: {},
    thresholds: [],
    ...choices,
    ...behaviourOf(choices)
  }
  checkPossible(plan)
  return plan
}
