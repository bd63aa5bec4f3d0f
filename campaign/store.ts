/** Stores a campaign on disk: its plan and its finished runs, so that nothing runs twice after a crash. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '../analysis/comparison/run'
import { ID_PATTERN } from '../protocol/limits'
import { UserError } from '../cli/user-error'
import type { Plan } from './plan'
import type { SimulatedRuns } from './simulated-first'

export interface Campaign {
  plan: Plan
  /** Every attempt, including void and failed ones: they are results too. */
  runs: Run[]
  /** Both builds in virtual time, before the blocks. */
  simulated?: SimulatedRuns[]
  /** Why the campaign ended before it completed its plan. */
  ended?: string
}

const FILE = 'campaign.json'

/** The campaigns of one results folder, each in its own folder under `comparisons/`. */
export class CampaignStore {
  readonly root: string

  constructor(resultsFolder: string) {
    this.root = join(resultsFolder, 'comparisons')
  }

  folder(id: string): string {
    if (!ID_PATTERN.test(id))
      throw new UserError(`"${id}" is not an id: use 1 to 64 letters, digits, "_" or "-"`)
    return join(this.root, id)
  }

  /** Throws UserError if a campaign with this id exists. */
  async create(plan: Plan): Promise<Campaign> {
    const folder = this.folder(plan.id)
    await mkdir(this.root, { recursive: true })
    try {
      await mkdir(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      throw new UserError(
        `A comparison "${plan.id}" already exists: resume it with --resume ${plan.id}, or choose another --id`
      )
    }
    const campaign = { plan, runs: [] }
    await this.save(campaign)
    return campaign
  }

  /** Throws UserError if there is none, or if it belongs to another command. */
  async open(id: string, command: Plan['command']): Promise<Campaign> {
    let text: string
    try {
      text = await readFile(join(this.folder(id), FILE), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      const known = await this.list()
      throw new UserError(
        `No comparison is named "${id}" in ${this.root}${known.length > 0 ? `. Existing ones: ${known.join(', ')}` : ''}`
      )
    }
    const campaign = JSON.parse(text) as Campaign
    if (campaign.plan.command !== command)
      throw new UserError(
        `"${id}" belongs to another command. To resume it: npm run ${campaign.plan.command} -- --resume ${id}`
      )
    return campaign
  }

  /** Saves atomically: the old state remains until the new one is complete. */
  async save(campaign: Campaign): Promise<void> {
    const file = join(this.folder(campaign.plan.id), FILE)
    await writeFile(`${file}.tmp`, JSON.stringify(campaign))
    await rename(`${file}.tmp`, file)
  }

  /** Removes a campaign that never ran. */
  async discard(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true })
  }

  /** Ids, newest first. */
  private async list(): Promise<string[]> {
    const ids = await readdir(this.root).catch(() => [])
    const dated = await Promise.all(
      ids.map(async (id) => ({ id, at: (await stat(join(this.root, id))).mtimeMs }))
    )
    return dated.sort((a, b) => b.at - a.at).map(({ id }) => id)
  }
}
