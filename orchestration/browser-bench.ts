/** One results server for all tests, a page for each build, a fresh Lighthouse and browser for each run. */
import { join } from 'node:path'
import { serveOwnPage } from '../libraries/bundle/own-page'
import { connectingTrouble } from '../cli/network/connecting'
import { resultsClient } from '../cli/results-client'
import { UserError } from '../cli/user-error'
import { PlainProgress, type Progress } from '../cli/progress'
import { startResultsServer } from '../server/app'
import { chooseLibrary } from '../libraries/library'
import { engineOf, type FleetFlags } from './fleet/fleet'
import { readPage, runFleetTest, type FleetTest } from './fleet/fleet-test'
import { openServers } from './fleet/servers'
import { startRelayedLighthouse } from './lab'
import { runLocalTest, type LocalOutcome, type LocalParts } from './local-test'
import type { Plan } from './plan'
import { openSimulatedBench, withBuilds } from './simulated-bench'
import { executeTogether } from './together'
import type { Bench } from './campaign'

/** Parts that run elsewhere. Any that are absent run here. */
export type Elsewhere = Partial<Omit<FleetFlags, 'cpus'>>

type RunTest = (test: FleetTest & { clientUrl: string }, parts: LocalParts) => Promise<LocalOutcome>

/** Makes a page of each build, and starts the servers. Throws UserError, after closing what was started. */
export async function openBench(
  plan: Plan,
  folder: string,
  elsewhere: Elsewhere,
  progress: Progress
): Promise<Bench> {
  const troubles = plan.variants.flatMap(({ behaviour }) => connectingTrouble(behaviour) ?? [])
  // All builds may be on the same network.
  for (const line of new Set(troubles)) progress.note(line)
  if (plan.setting.engine === 'simulation') return openSimulatedBench(plan, folder, progress)
  const tests = join(folder, 'tests')
  const open: Pick<Bench, 'close'>[] = []
  const keep = <T extends Pick<Bench, 'close'>>(part: T): T => {
    open.unshift(part)
    return part
  }
  const close = async () => {
    for (const part of open.splice(0)) await part.close()
  }
  try {
    // A server elsewhere may refuse: that is known before the builds are.
    const runTest = await openPlace()
    const stages = await progress.step('Preparing the builds', () =>
      withBuilds(plan, async (library) => {
        const chosen = await chooseLibrary(library, (line) => progress.note(line))
        const { url: clientUrl, folder: served } = keep(await serveOwnPage(chosen.page))
        return { chosen, options: chosen.options, clientUrl, page: await readPage(served) }
      })
    )
    return {
      builds: stages.map(({ chosen }) => chosen.integrity),
      execute: (runs, signal) =>
        executeTogether(plan, runs, async (run, id, barrier) => {
          const { behaviour, chosen, clientUrl, page, text } = stages[run.variant]!
          const test = {
            ...behaviour,
            ...plan.setting,
            ...{ id, clientUrl, page },
            library: chosen.library,
            seed: run.seed,
            slot: run.slot,
            thresholds: [],
            labels: { comparison: plan.id, block: String(run.block + 1), build: text }
          }
          const outcome = await runTest(test, {
            // Only the first run reports progress: simultaneous runs would overwrite each other's lines.
            progress: run === runs[0] ? progress : new PlainProgress(() => undefined),
            signal,
            barrier,
            cores: plan.setting.coreSets?.[run.slot]
          })
          const { summary = null, failures, lost } = outcome
          return { testId: id, summary, failures, ...(lost !== undefined && { lost }) }
        }),
      close
    }
  } catch (error) {
    await close()
    throw error
  }

  async function openPlace(): Promise<RunTest> {
    const { nodes, coresEach } = plan.setting
    if (nodes === undefined) {
      const startServer = async () => keep(await startResultsServer({ folder: tests, port: 0 })).url
      const { lighthouseUrl, resultsServerUrl = await startServer() } = elsewhere
      // One that was given may refuse.
      await resultsClient(resultsServerUrl).listTests()
      return async (test, parts) => {
        const lab = { resultsServerUrl, clientUrl: test.clientUrl, folder }
        if (lighthouseUrl !== undefined)
          return runLocalTest({ ...lab, lighthouseUrl }, { ...test, peerIds: 'test' }, parts)
        const lighthouse = await startRelayedLighthouse(0)
        const own = { lighthouseUrl: lighthouse.url, relay: lighthouse.relay }
        return runLocalTest({ ...lab, ...own }, test, parts).finally(() => lighthouse.close())
      }
    }
    const engine = engineOf(elsewhere)
    const strangers = engine.named.length > 0 ? nodes.filter((name) => !engine.named.includes(name)) : []
    if (strangers.length > 0)
      throw new UserError(
        `It was started on ${nodes.join(', ')}: --on must name ${strangers.join(', ')}, too`
      )
    await engine.nodes()
    const opened = keep(await openServers(engine, elsewhere, tests))
    const fleet = { engine, servers: opened, placement: { nodes, coresEach } }
    return (test, parts) => runFleetTest(fleet, test, parts, tests)
  }
}
