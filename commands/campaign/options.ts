/** The flags that all commands share which run builds in turn. */
import { Option, type Command } from 'commander'
import { DEFAULT_PRIMARY } from '../../analysis/comparison/metrics'
import { UserError } from '../../runner/user-error'
import { httpUrl, id, jsonObject, listOf, metric, number, routine, share, whole } from '../flags'
import type { Elsewhere } from './bench'
import type { Setting } from './plan'
import type { CommonOptions } from './variant'

export interface CampaignFlags extends Elsewhere {
  blocks: number
  peers: number
  peersPerTab?: number
  duration: number
  warmup: number
  routine: string
  messageTypes?: 'faithful' | 'deduplicated'
  mesh?: 'usual' | 'full'
  peerConfig?: Record<string, unknown>
  metric?: string
  secondary?: string[]
  margin: number
  seed?: number
  id?: string
  resume?: string
}

export interface CampaignDefaults {
  blocks: number
  peers: number
  duration: number
}

export function addCampaignOptions(program: Command, defaults: CampaignDefaults): void {
  const flag = (name: string, what: string, parse: (text: string) => unknown) =>
    new Option(name, what).argParser(parse)
  program
    .addOption(
      flag(
        '--blocks <number>',
        'runs of each build; 6 are the fewest that can tell, 8 nearly double the power',
        whole(1, 1000)
      ).default(defaults.blocks)
    )
    .addOption(flag('--peers <number>', 'simulated peers', whole(2, 1000)).default(defaults.peers))
    .addOption(flag('--duration <seconds>', 'of each run', number(1, 86_400)).default(defaults.duration))
    .addOption(flag('--warmup <seconds>', 'first part of it, left out', number(0, 3600)).default(5))
    .addOption(
      flag('--routine <name>', 'what the peers do; a mixture: loops:8,churn:2', routine).default('stand')
    )
    .addOption(flag('--peers-per-tab <number>', 'peers in one browser tab; all by default', whole(1, 500)))
    .addOption(new Option('--message-types <kind>', 'of all builds').choices(['faithful', 'deduplicated']))
    .addOption(
      new Option(
        '--mesh <kind>',
        "of all builds; full: everyone connects to everyone, which isolates the library's own cost"
      ).choices(['usual', 'full'])
    )
    .addOption(flag('--peer-config <json>', "the library's own options, for all builds", jsonObject))
    .addOption(flag('--metric <path>', `the primary metric (default ${DEFAULT_PRIMARY})`, metric))
    .addOption(
      flag('--secondary <paths>', 'others, by commas; they share 5 % of false alarms', listOf(metric))
    )
    .addOption(flag('--margin <share>', 'largest change that does not matter', share).default(0.03, '3%'))
    .addOption(
      flag('--seed <number>', 'decides the seeds of all blocks; drawn where absent', whole(0, 0xffffffff))
    )
    .addOption(flag('--id <id>', 'names the comparison; by its date where absent', id))
    .addOption(
      flag('--resume <id>', 'goes on with one that was stopped; finished runs are not run again', id)
    )
    .addOption(flag('--results-server-url <url>', 'a results server elsewhere', httpUrl))
    .addOption(flag('--lighthouse-url <url>', 'a Lighthouse elsewhere, the same for all runs', httpUrl))
    .option(
      '--runners <command>',
      'starts the runners of each test elsewhere, by the variables in its environment'
    )
}

export function settingOf(flags: CampaignFlags): Setting {
  const { peers, peersPerTab = peers, duration, warmup, routine: name } = flags
  if (warmup >= duration)
    throw new UserError(
      `--warmup ${warmup} leaves nothing of --duration ${duration}: make one shorter or the other longer`
    )
  return { peers, peersPerTab, duration, warmup, routine: name }
}

export function commonOptions({ messageTypes, mesh, peerConfig }: CampaignFlags): CommonOptions {
  return {
    ...(messageTypes !== undefined && { messageTypes }),
    ...(mesh !== undefined && { mesh }),
    ...(peerConfig !== undefined && { peerConfig })
  }
}
