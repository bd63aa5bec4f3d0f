/** Stores a campaign on disk: its plan and its finished runs, so that nothing runs twice after a crash. */
import { existsSync, mkdirSync, openSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, basename } from 'node:path'
import { z } from 'zod'
import type { Run } from '../analysis/comparison/run'
import { ID_PATTERN } from '../protocol/limits'
import { countSchema } from '../protocol/primitives'
import { summarySchema } from '../protocol/summary'
import { UserError } from '../cli/user-error'
import { notWritable } from '../cli/results-folder'
import { lockFile } from '../server/store/results-folder'
import { parsePlan, storedPlan, type Plan, type StoredPlan } from './plan'
import { damaged, readState, replaceFile } from './whole-file'

export interface Campaign {
  plan: Plan
  /** Every attempt, including void and failed ones: they are results too. */
  runs: Run[]
  /** Both builds in virtual time, before the blocks. */
  simulated?: SimulatedRuns[]
  /** Why the campaign ended before it completed its plan. */
  ended?: string
}

/** What one size of mesh came to in virtual time. */
export interface SimulatedRuns {
  peers: number
  /** Variant 0 is the baseline, 1 the candidate; a run's block is the index of its seed. */
  runs: Run[]
  /** Why the builds cannot be simulated at this size; null if they can. */
  refused: string | null
}

const FILE = 'campaign.json'

const runsSchema = z.array(
  z.object({
    variant: countSchema,
    block: countSchema.nullable(),
    attempt: countSchema,
    summary: summarySchema.nullable(),
    failures: z.array(z.string())
  })
)
const storedSchema = z.object({
  plan: z.object({ variants: z.array(z.string()) }),
  runs: runsSchema,
  simulated: z.array(z.object({ runs: runsSchema })).optional()
})

/** Throws UserError if it is damaged, or says what makes no sense. */
export async function readCampaign(folder: string): Promise<Campaign> {
  const file = join(folder, FILE)
  const stored = await readState<Omit<Campaign, 'plan'> & { plan: StoredPlan }>(file)
  if (!storedSchema.safeParse(stored).success) throw damaged(file)
  return { ...stored, plan: parsePlan(stored.plan) }
}

/** The campaigns of one results folder, each in its own folder under `comparisons/`. */
export class CampaignStore {
  private readonly root: string

  constructor(resultsFolder: string) {
    this.root = join(resultsFolder, 'comparisons')
  }

  folder(id: string): string {
    if (!ID_PATTERN.test(id))
      throw new UserError(`"${id}" is not an id: use 1 to 64 letters, digits, "_" or "-"`)
    return join(this.root, id)
  }

  has(id: string): boolean {
    return existsSync(join(this.folder(id), FILE))
  }

  /** Throws UserError if a campaign with this id exists. */
  async create(plan: Plan): Promise<Campaign> {
    lockCampaign(this.folder(plan.id))
    await this.claim(plan.id)
    const campaign = { plan, runs: [] }
    await this.save(campaign)
    return campaign
  }

  /** Throws UserError if there is none, or if it belongs to another command. */
  async open(id: string, command: Plan['command']): Promise<Campaign> {
    if (existsSync(this.folder(id))) lockCampaign(this.folder(id))
    const campaign = await readCampaign(this.folder(id)).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw await this.missing(id)
      throw error
    })
    if (campaign.plan.command !== command)
      throw new UserError(
        `"${id}" belongs to another command. To resume it: npx peer-perf ${campaign.plan.command} --resume ${id}`
      )
    return campaign
  }

  /** Makes its folder. Throws UserError if a comparison or a map with this id exists. */
  async claim(id: string): Promise<void> {
    if (await this.isTaken(id))
      throw new UserError(
        `A comparison "${id}" already exists: resume it with --resume ${id}, or choose another --id`
      )
    await mkdir(this.folder(id), { recursive: true })
  }

  /** A process that was killed before its first save leaves an empty folder, or one half-written file. */
  private async isTaken(id: string): Promise<boolean> {
    const files = await readdir(this.folder(id)).catch(() => [])
    return files.some((name) => !/\.(lock|tmp)$/.test(name))
  }

  save(campaign: Campaign): Promise<void> {
    const stored = { ...campaign, plan: storedPlan(campaign.plan) }
    return replaceFile(join(this.folder(campaign.plan.id), FILE), JSON.stringify(stored))
  }

  /** Removes a campaign that never ran. */
  async discard(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true })
  }

  /** Why there is none to open. */
  private async missing(id: string): Promise<UserError> {
    const ids = await readdir(this.root).catch(() => [])
    // As a rule, an id begins with its date.
    const others = ids
      .filter((each) => each !== id)
      .toSorted()
      .reverse()
    const existing = others.length > 0 ? `. Existing ones: ${others.join(', ')}` : ''
    return new UserError(
      `No comparison is named "${id}" in ${this.root}, or it has no blocks to resume${existing}`
    )
  }
}

const held = new Set<string>()

/** Takes the campaign until this process ends: two would overwrite each other's runs. Throws UserError. */
export function lockCampaign(folder: string): void {
  if (held.has(folder)) return
  try {
    mkdirSync(folder, { recursive: true })
    // Never removed: a lock on a removed file would keep nobody out.
    if (!lockFile(openSync(join(folder, 'campaign.lock'), 'a')))
      throw new UserError(`Another process is running "${basename(folder)}": wait for it, or stop it first`)
  } catch (error) {
    throw error instanceof UserError ? error : notWritable(folder, error as Error)
  }
  held.add(folder)
}
