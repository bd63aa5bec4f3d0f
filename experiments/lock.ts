/** One process per campaign, by a lock that the kernel releases when the process ends, however it ends. */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { notWritable } from '../options/results-folder'
import { UserError } from '../options/user-error'
import { lockFile } from '../server/store/results-folder'

const held = new Set<string>()

/** Takes the campaign's lock until this process ends. False if another one holds it. Throws UserError. */
export function lockCampaign(folder: string): boolean {
  const path = resolve(folder)
  if (held.has(path)) return true
  try {
    mkdirSync(path, { recursive: true })
    // Never removed: a lock on a removed file would keep nobody out.
    const file = openSync(join(path, 'campaign.lock'), 'a')
    if (lockFile(file)) held.add(path)
    else closeSync(file)
  } catch (error) {
    throw error instanceof UserError ? error : notWritable(path, error as Error)
  }
  return held.has(path)
}
