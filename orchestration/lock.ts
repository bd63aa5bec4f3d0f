/** One process per campaign, by a lock that the kernel releases when the process ends, however it ends. */
import { mkdirSync, openSync } from 'node:fs'
import { basename, join } from 'node:path'
import { notWritable } from '../options/results-folder'
import { UserError } from '../options/user-error'
import { lockFile } from '../server/store/results-folder'

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
