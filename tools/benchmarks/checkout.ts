import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'

/** Parses a flag that names another checkout. Throws InvalidArgumentError. */
export function checkout(folder: string): string {
  if (['server/server.ts', 'node_modules'].every((part) => existsSync(join(folder, part)))) return folder
  throw new InvalidArgumentError('It must be a checkout of this repository in which "npm ci" was run.')
}
