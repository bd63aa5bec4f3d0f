/** Judges a campaign of two builds while it runs and at its end. */
import type { Arrangement, ComparisonRequest } from '../analysis/comparison/comparison'
import type { Criterion } from '../analysis/gate/criteria'
import { completeBlocks } from '../analysis/comparison/run'
import { engineOf, judgeable, judgeGate, type GateRequest } from '../analysis/gate/gate'
import { isHopeless, lookSchedule, mayHold } from '../analysis/gate/looks'
import type { SimulatedPart } from '../analysis/gate/result'
import { judgeSimulated, refusedPart, SIMULATED_SIZES } from '../analysis/gate/simulated'
import { quoted } from '../cli/quoted'
import { DEFAULT_MAX_BLOCKS, MOST_BLOCKS, type Plan } from './plan'
import { isEndedByMachine, pointless, runsLeft } from './campaign'
import type { Campaign, SimulatedRuns } from './store'
import { declaredDifferences } from './variant'

export function arrangementOf({ setting }: Plan): Arrangement {
  const { sideBySide = false, whyNotIsolated } = setting
  const kind = sideBySide ? (whyNotIsolated ? 'side by side' : 'isolated') : 'one after the other'
  return { kind, reason: whyNotIsolated ?? null }
}

/** Called after each block. Returns why the campaign may end, or null. A fixed design may never end early. */
export function mayEnd(campaign: Campaign, blocks: number): string | null {
  const { plan } = campaign
  if (!plan.isSequential || !looksOf(plan).some((look) => look.blocks === blocks)) return null
  const request = { ...gateRequest(campaign, blocks), isBrief: true }
  const { verdict, isFirm } = judgeGate(request)
  if (isFirm)
    return verdict === 'undecided'
      ? 'the blocks pass, and only virtual time leaves it undecided'
      : `the gate is decided after ${blocks} blocks: ${verdict}`
  // The seeds may let pass what the blocks cannot judge.
  return verdict !== 'pass' && isHopeless(asJudged(request), plan.blocks)
    ? `hopeless: it would probably still be undecided after ${plan.blocks} blocks`
    : null
}

const asJudged = (request: GateRequest): GateRequest => ({
  ...request,
  criteria: judgeable(request.criteria, engineOf(request.runs), request.simulated)
})

/** The looks of a sequential plan; resuming it with more blocks adds to them. */
const looksOf = ({ blocks, stages = [] }: Plan) => lookSchedule([...stages, blocks])

function gateRequest({ plan, runs, simulated = [] }: Campaign, blocks: number): GateRequest {
  const { criteria } = plan
  return {
    criteria,
    runs: runs.filter(({ solo }) => solo !== true),
    design: 'paired',
    sharedCores: arrangementOf(plan).kind === 'side by side',
    simulated: simulated.map((own) => simulatedPart(own, criteria)),
    ...(plan.isSequential && {
      looks: looksOf(plan).filter((look) => look.blocks <= blocks),
      maxBlocks: plan.blocks
    })
  }
}

/** Judging hundreds of seeds takes seconds, and a campaign asks after each block. */
const judged = new WeakMap<SimulatedRuns, SimulatedPart>()

/** The part of the verdict that one size of mesh has decided in virtual time. */
export function simulatedPart(
  own: SimulatedRuns,
  criteria: readonly Criterion[],
  sizes = SIMULATED_SIZES
): SimulatedPart {
  const { peers, runs, refused } = own
  const size = sizes.find((each) => each.peers === peers)!
  const part =
    judged.get(own) ?? (refused === null ? judgeSimulated(size, runs, criteria) : refusedPart(size, refused))
  judged.set(own, part)
  return part
}

export function comparisonRequest(campaign: Campaign, force: boolean): ComparisonRequest {
  const { plan, runs, ended = null } = campaign
  const { variants } = plan
  const { peers, duration, warmup, routine } = plan.setting
  const request = gateRequest(campaign, blocksDone(campaign))
  const next = nextOf(campaign, request)
  return {
    ...plan,
    ...request,
    baseline: variants[0]!.text,
    candidate: variants[1]!.text,
    runs,
    gate: request.criteria,
    ...(next !== null && { next }),
    stopped: stoppedAt(campaign),
    ended,
    planned: [
      `${peers} peers`,
      `${duration} s, the first ${warmup} s excluded`,
      `routine ${routine}`,
      `network ${[...new Set(variants.map(({ behaviour }) => behaviour.network))].join(' + ')}`
    ],
    arrangement: arrangementOf(plan),
    declared: declaredDifferences(variants),
    plannedBlocks: plan.blocks,
    force
  }
}

/** How far it got; null if no run is left. */
export function stoppedAt(campaign: Campaign): string | null {
  const { plan, runs } = campaign
  if (runsLeft(campaign) === 0) return null
  return `stopped, ${completeBlocks(runs, [...plan.variants.keys()]).length} of ${plan.blocks} blocks`
}

/** The command that may decide it; null if more blocks cannot. */
function nextOf(campaign: Campaign, request: GateRequest): string | null {
  const { plan } = campaign
  if (runsLeft(campaign) > 0 || isEndedByMachine(campaign)) return `npx peer-perf compare --resume ${plan.id}`
  // The seeds do not become more, either.
  const { verdict, isFirm } = judgeGate({ ...request, isBrief: true })
  const isOpenInSeeds = verdict === 'undecided' && isFirm
  if (plan.isSequential && (isOpenInSeeds || blocksDone(campaign) >= MOST_BLOCKS)) return null
  const judged = asJudged(request)
  const isInVain = !mayHold(judged) && isHopeless(judged, moreBlocks(plan.blocks))
  return isInVain || pointless(campaign) !== null ? null : nextCommand(plan)
}

/** Flags of the first call that the next one, which names the build of the merge base, must not repeat. */
const REPLACED = ['--blocks', '--max-blocks', '--id', '--resume', '--base', '--build']

/**
 * The command that decides an undecided comparison: it goes on with the blocks that exist. A fixed number of
 * them has spent its whole level, and starts anew with all flags of the first call.
 */
export function nextCommand({ id, command, blocks, isSequential = false, argv = [] }: Plan): string {
  const more = moreBlocks(blocks)
  if (isSequential) return `npx peer-perf ${command} --resume ${id} --max-blocks ${more}`
  const most = Math.max(DEFAULT_MAX_BLOCKS, more)
  const isReplaced = (text: string) => REPLACED.includes(text.split('=')[0]!)
  const kept = argv.filter((text, index) => !isReplaced(text) && !REPLACED.includes(argv[index - 1] ?? ''))
  return ['npx peer-perf', command, ...kept.map(quoted), `--max-blocks ${most}`].join(' ')
}

const moreBlocks = (blocks: number) => Math.min(MOST_BLOCKS, Math.ceil((1.5 * blocks) / 2) * 2)

/** Number of blocks that were run, usable or not. */
const blocksDone = ({ runs }: Campaign): number => Math.max(0, ...runs.map(({ block }) => (block ?? -1) + 1))
