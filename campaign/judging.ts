/** Judges a campaign of two builds while it runs and at its end. */
import type { Arrangement, ComparisonRequest } from '../analysis/comparison/comparison'
import { parseGate } from '../analysis/gate/criteria'
import { judgeGate, type GateRequest } from '../analysis/gate/gate'
import { isHopeless, lookSchedule } from '../analysis/gate/looks'
import { UserError } from '../cli/user-error'
import type { Plan } from './plan'
import type { Campaign } from './store'
import { declaredDifferences, parseVariant } from './variant'

/** @throws UserError if the plan's gate can't be parsed */
export function criteriaOf({ gate = '', detect }: Pick<Plan, 'gate' | 'detect'>) {
  try {
    return parseGate(gate, detect)
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(`--gate "${gate}" ${error.message}`)
    throw error
  }
}

export function arrangementOf({ setting }: Plan): Arrangement {
  const { sideBySide = false, coreSets, whyNotIsolated } = setting
  const kind = sideBySide ? (coreSets ? 'isolated' : 'side by side') : 'one after the other'
  return { kind, reason: whyNotIsolated ?? null }
}

/** Called after each block. Returns why the campaign may end, or null. A fixed design may never end early. */
export function mayEnd(campaign: Campaign, blocks: number): string | null {
  const { plan } = campaign
  if (!plan.isSequential || !lookSchedule(plan.blocks).some((look) => look.blocks === blocks)) return null
  const request = gateRequest(campaign, blocks)
  const { verdict } = judgeGate(request)
  if (verdict !== 'undecided') return `the gate is decided after ${blocks} blocks: ${verdict}`
  return isHopeless(request, plan.blocks)
    ? `hopeless: it would probably still be undecided after ${plan.blocks} blocks`
    : null
}

/** @param blocks completed so far */
function gateRequest({ plan, runs }: Campaign, blocks: number): GateRequest {
  return {
    criteria: criteriaOf(plan),
    runs: runs.filter(({ solo }) => solo !== true),
    design: 'paired',
    sharedCores: arrangementOf(plan).kind === 'side by side',
    ...(plan.isSequential && {
      looks: lookSchedule(plan.blocks).filter((look) => look.blocks <= blocks),
      maxBlocks: plan.blocks
    })
  }
}

export function comparisonRequest(campaign: Campaign, force: boolean): ComparisonRequest {
  const { plan, runs } = campaign
  const [baseline, candidate] = plan.variants.map((text) => parseVariant(text, plan.common))
  const { criteria, looks, maxBlocks } = gateRequest(campaign, blocksDone(campaign))
  return {
    id: plan.id,
    madeAt: plan.madeAt,
    primary: plan.primary,
    secondary: plan.secondary,
    margin: plan.margin,
    design: 'paired',
    baseline: baseline!.text,
    candidate: candidate!.text,
    runs,
    gate: criteria,
    ...(looks && { looks }),
    ...(maxBlocks !== undefined && { maxBlocks }),
    arrangement: arrangementOf(plan),
    declared: declaredDifferences([baseline!, candidate!]),
    plannedBlocks: plan.blocks,
    force
  }
}

/** Number of blocks that were run, usable or not. */
function blocksDone({ runs }: Campaign): number {
  return Math.max(0, ...runs.map(({ block }) => (block ?? -1) + 1))
}
