/** `peer-perf run --on`: one test on a fleet, with servers and tokens that end with it. */
import type { ChosenShare } from '../../client/builds/library'
import { serveOwnPage } from '../../client/bundle/own-page'
import type { Progress } from '../../options/progress'
import { writableFolder } from '../../options/results-folder'
import { UserError } from '../../options/user-error'
import type { LocalOutcome } from '../local-test'
import { newId } from '../plan'
import type { LocalFlags } from '../test-flags'
import { allNodes, engineOf, placeOn, refuseUnfit, type Placement } from './fleet'
import { readPage, runFleetTest } from './fleet-test'
import { openServers } from './servers'

/** Returns where the peers would run if it only planned. Throws UserError. */
export async function runOn(
  flags: LocalFlags,
  [share, ...others]: readonly [ChosenShare, ...ChosenShare[]],
  progress: Progress,
  signal: AbortSignal
): Promise<LocalOutcome | Placement> {
  const { peerLibrary, on = '', cpus } = flags
  if (others.length > 0) throw new UserError('--on takes one build of the library: name one by --library')
  const engine = engineOf(flags)
  const nodes = await progress.step('Asking the nodes', () => allNodes(engine))
  const placement = placeOn(nodes, { ...flags, library: share.chosen.library }, { cpus })
  for (const line of placement.lines) console.log(line)
  refuseUnfit(placement)
  if (flags.plan) return placement
  const folder = writableFolder()
  const page = await progress.step('Building the page', async () => {
    const own = await serveOwnPage(share.chosen.page)
    return readPage(own.folder).finally(() => own.close())
  })
  const servers = await openServers(engine, flags, folder)
  try {
    if (servers.dashboardUrl !== undefined) console.log(`Watch it at ${servers.dashboardUrl}`)
    const test = {
      ...flags,
      id: flags.id ?? newId(),
      peersPerTab: flags.peersPerTab ?? placement.layout.peersPerTab,
      library: share.chosen.library,
      thresholds: flags.threshold,
      labels: { build: peerLibrary, on, ...flags.label },
      page,
      slot: 0
    }
    const fleet = { engine, servers, placement }
    return withLoss(await runFleetTest(fleet, test, { progress, signal }, folder))
  } finally {
    await servers.close()
  }
}

/** A lost node fails a test that nobody repeats. */
export function withLoss({ lost, ...outcome }: LocalOutcome): LocalOutcome {
  return lost === undefined ? outcome : { ...outcome, failures: [...outcome.failures, lost] }
}
