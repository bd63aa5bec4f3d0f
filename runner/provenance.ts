/** Where this runner's results come from, because results of different machines are not compared. */
import { hostname, release, type } from 'node:os'
import type { RunnerProvenance } from '../protocol/runner-sample'
import { unusualOf } from '../cli/behaviour'
import { poolsRates } from '../cli/network/engine'
import { mergedTimes, outagesOf } from '../cli/network/network'
import { parseNetwork } from '../cli/network/parse'
import { suiteCommit } from '../cli/suite-commit'
import { thisMachine } from './calibration'
import type { RunnerConfiguration } from './configuration'

export function provenance(
  configuration: RunnerConfiguration,
  found: Pick<RunnerProvenance, 'browser' | 'cores' | 'lighthouse'>,
  hasOwnCore: boolean
): RunnerProvenance {
  const { nodeName, peersPerTab, network, turn } = configuration
  const options = unusualOf(configuration)
  const outages = mergedTimes(outagesOf(parseNetwork(network)))
  return {
    suiteCommit: suiteCommit(),
    host: nodeName ?? hostname(),
    ...found,
    cpuModel: thisMachine().cpuModel,
    os: `${type()} ${release()}`,
    node: process.version,
    peersPerTab,
    ...(hasOwnCore && { ownCore: true }),
    ...(turn === 'only' && { turn: true }),
    ...(network !== 'perfect' && { network }),
    ...(options !== '' && { options }),
    ...(peersPerTab > 1 && poolsRates(network) && { pooledRates: true }),
    ...(outages.length > 0 && { outages })
  }
}
