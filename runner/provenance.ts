/** Where this runner's results come from, because results of different machines are not compared. */
import { spawnSync } from 'node:child_process'
import { cpus, hostname, release, type } from 'node:os'
import { join } from 'node:path'
import type { RunnerProvenance } from '../protocol/runner-sample'
import { poolsRates } from '../options/network/engine'
import { mergedTimes, outagesOf } from '../options/network/network'
import { parseNetwork } from '../options/network/parse'

/** Omitted from results, because older results, which name no network, were measured on this one. */
const PERFECT = 'perfect'

export function provenance(parts: {
  host: string | undefined
  browser: string
  cores: number
  lighthouse: RunnerProvenance['lighthouse']
  peersPerTab: number
  ownCore: boolean
  network: string
  turn: 'off' | 'only'
}): RunnerProvenance {
  const suiteCommit = commit()
  const network = parseNetwork(parts.network)
  const outages = mergedTimes(outagesOf(network))
  return {
    ...(suiteCommit !== undefined && { suiteCommit }),
    host: parts.host ?? hostname(),
    browser: parts.browser,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: parts.cores,
    os: `${type()} ${release()}`,
    node: process.version,
    lighthouse: parts.lighthouse,
    peersPerTab: parts.peersPerTab,
    ...(parts.ownCore && { ownCore: true }),
    ...(parts.turn === 'only' && { turn: true }),
    ...(parts.network !== PERFECT && { network: parts.network }),
    ...(parts.peersPerTab > 1 && poolsRates(network) && { pooledRates: true }),
    ...(outages.length > 0 && { outages })
  }
}

/** A container has no repository: its image carries the commit in SUITE_COMMIT. */
function commit(): string | undefined {
  const { SUITE_COMMIT } = process.env
  if (SUITE_COMMIT !== undefined && SUITE_COMMIT !== '') return SUITE_COMMIT.slice(0, 64)
  const git = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: join(__dirname, '..'), encoding: 'utf8' })
  return git.status === 0 ? git.stdout.trim() : undefined
}
