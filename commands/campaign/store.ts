/** A campaign on disk: its plan and the runs that are finished, so that nothing is run twice after a crash. */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '../../analysis/comparison/run'
import { ID_PATTERN } from '../../protocol/limits'
import { UserError } from '../../runner/user-error'
import type { Plan } from './plan'

export interface Campaign {
  plan: Plan
  runs: Run[]
}

const FILE = 'campaign.json'

/** Campaigns of one results folder, each in a folder of its own under `comparisons/`. */
export class CampaignStore {
  private readonly root: string

  constructor(resultsFolder: string) {
    this.root = join(resultsFolder, 'comparisons')
  }

  folder(id: string): string {
    if (!ID_PATTERN.test(id)) throw new UserError(`"${id}" is no id: use 1 to 64 letters, digits, "_" or "-"`)
    return join(this.root, id)
  }

  /** Throws UserError where one of this id exists. */
  async create(plan: Plan): Promise<Campaign> {
    const folder = this.folder(plan.id)
    await mkdir(this.root, { recursive: true })
    try {
      await mkdir(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      throw new UserError(
        `There is a comparison "${plan.id}" already: go on with it by --resume ${plan.id}, or choose another --id`
      )
    }
    const campaign = { plan, runs: [] }
    await this.save(campaign)
    return campaign
  }

  /** Throws UserError where there is none, or it belongs to another command. */
  async open(id: string, command: Plan['command']): Promise<Campaign> {
    let text: string
    try {
      text = await readFile(join(this.folder(id), FILE), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      const known = await this.list()
      throw new UserError(
        `There is no comparison "${id}" in ${this.root}${known.length > 0 ? `: there are ${known.join(', ')}` : ''}`
      )
    }
    const campaign = JSON.parse(text) as Campaign
    if (campaign.plan.command !== command)
      throw new UserError(`"${id}" is resumed by npm run ${campaign.plan.command} -- --resume ${id}`)
    return campaign
  }

  /** The old state stays whole until the new one is. */
  async save(campaign: Campaign): Promise<void> {
    const file = join(this.folder(campaign.plan.id), FILE)
    await writeFile(`${file}.tmp`, JSON.stringify(campaign))
    await rename(`${file}.tmp`, file)
  }

  /** Ids, the newest first. */
  private async list(): Promise<string[]> {
    const ids = await readdir(this.root).catch(() => [])
    const dated = await Promise.all(
      ids.map(async (id) => ({ id, at: (await stat(join(this.root, id))).mtimeMs }))
    )
    return dated.sort((a, b) => b.at - a.at).map(({ id }) => id)
  }
}
