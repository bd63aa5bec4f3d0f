/** Stores a campaign on disk: its plan and its finished runs, so that nothing runs twice after a crash. */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '../analysis/comparison/run'
import { ID_PATTERN } from '../protocol/limits'
import { UserError } from '../options/user-error'
import { lockCampaign } from './lock'
import type { Plan } from './plan'
import type { SimulatedRuns } from './simulated-runs'

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
    await this.lock(plan.id)
    // A process that was killed before its first save leaves an empty folder, or one half-written file.
    const files = await readdir(this.folder(plan.id)).catch(() => [])
    if (files.some((name) => !name.endsWith('.tmp')))
      throw new UserError(
        `A comparison "${plan.id}" already exists: resume it with --resume ${plan.id}, or choose another --id`
      )
    await mkdir(this.folder(plan.id), { recursive: true })
    const campaign = { plan, runs: [] }
    await this.save(campaign)
    return campaign
  }

  /** Throws UserError if there is none, or if it belongs to another command. */
  async open(id: string, command: Plan['command']): Promise<Campaign> {
    await this.lock(id)
    const campaign = await this.load(id)
    if (campaign.plan.command !== command)
      throw new UserError(
        `"${id}" belongs to another command. To resume it: npx peer-perf ${campaign.plan.command} --resume ${id}`
      )
    return campaign
  }

  /** Saves atomically: the old state remains until the new one is complete, and on the disk. */
  async save(campaign: Campaign): Promise<void> {
    const path = join(this.folder(campaign.plan.id), FILE)
    const file = await open(`${path}.tmp`, 'w')
    try {
      await file.writeFile(JSON.stringify(campaign))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.tmp`, path)
  }

  /** Removes a campaign that never ran. */
  async discard(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true })
  }

  /** Two processes would overwrite each other's runs. */
  private async lock(id: string): Promise<void> {
    if (!(await lockCampaign(this.folder(id))))
      throw new UserError(`Another process is running "${id}": wait for it, or stop it first`)
  }

  private async load(id: string): Promise<Campaign> {
    const file = join(this.folder(id), FILE)
    try {
      return JSON.parse(await readFile(file, 'utf8')) as Campaign
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new UserError(`${file} is damaged: restore it, or delete its folder and start anew`)
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    const known = await this.list()
    if (known.includes(id))
      throw new UserError(`"${id}" was stopped before its first run: start it anew with --id ${id}`)
    throw new UserError(
      `No comparison is named "${id}" in ${this.root}${known.length > 0 ? `. Existing ones: ${known.join(', ')}` : ''}`
    )
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
