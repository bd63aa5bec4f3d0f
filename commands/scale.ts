/** Answers a name of version 0.1, for one release. */
import { Command } from 'commander'
import { UserError } from '../options/user-error'

export const program = new Command('npx peer-perf scale')
  .argument('[arguments...]')
  .helpOption(false)
  .allowUnknownOption()

export function run(): Promise<never> {
  throw new UserError('Now: npx peer-perf calibrate --peers 100 --machines 10 --cores 16')
}
