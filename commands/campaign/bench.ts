/** Where a campaign's tests run: a results server for all, a page for each build, a fresh Lighthouse and browser for each run. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { serveOwnPage } from '../../client/own-page'
import { startLighthouse } from '../../lighthouse/app'
import { PlainProgress, type Progress } from '../../runner/progress'
import { UserError } from '../../runner/user-error'
import { startResultsServer } from '../../server/app'
import { StartError } from '../../server/store/folder-lock'
import { chooseLibrary, type ChosenLibrary } from '../libraries/library'
import { runLocalTest } from '../local/test'
import type { Plan, PlannedRun } from './plan'
import { runElsewhere } from './runners'
import type { Execution } from './run'
import { parseVariant, type Variant } from './variant'

/** What runs elsewhere; what is absent runs here. */
export interface Elsewhere {
  resultsServerUrl?: string | undefined
  lighthouseUrl?: string | undefined
  /** A shell command that starts the runners of one test, which its environment describes. */
  runners?: string | undefined
}

export interface Bench {
  execute(run: PlannedRun, signal: AbortSignal): Promise<Execution>
  close(): Promise<void>
}

interface Stage extends Variant {
  chosen: ChosenLibrary
  /** Absent where runners elsewhere serve it. */
  clientUrl: string | undefined
}

interface Closable {
  close(): Promise<void>
}

/** Installs and bundles each build, and starts the servers. Throws UserError where one can't be had; then nothing stays. */
export async function openBench(
  plan: Plan,
  folder: string,
  elsewhere: Elsewhere,
  progress: Progress
): Promise<Bench> {
  const open: Closable[] = []
  const close = async () => {
    for (const part of open.splice(0).reverse()) await part.close()
  }
  try {
    const stages = await progress.step('Preparing the builds', () =>
      prepareStages(plan, elsewhere, open, progress)
    )
    const resultsServerUrl = elsewhere.resultsServerUrl ?? (await openServer(folder, open))
    return {
      execute: (run, signal) =>
        executeRun(
          plan,
          stages[run.variant]!,
          run,
          { ...elsewhere, resultsServerUrl },
          folder,
          // Runs side by side would write into each other's lines.
          plan.setting.sideBySide && run.place > 0 ? new PlainProgress(() => undefined) : progress,
          signal
        ),
      close
    }
  } catch (error) {
    await close()
    throw error instanceof StartError ? new UserError(error.message) : error
  }
}

/** Variants that run the same build share its page. */
async function prepareStages(
  plan: Plan,
  { runners }: Elsewhere,
  open: Closable[],
  progress: Progress
): Promise<Stage[]> {
  const pages = new Map<string, string>()
  const stages: Stage[] = []
  for (const text of plan.variants) {
    const variant = parseVariant(text, plan.common)
    const chosen = await chooseLibrary(variant.library, (line) => {
      progress.note(line)
    })
    if (runners === undefined && !pages.has(variant.library)) {
      const page = await serveOwnPage(chosen.page)
      open.push(page)
      pages.set(variant.library, page.url)
    }
    stages.push({ ...variant, chosen, clientUrl: pages.get(variant.library) })
  }
  return stages
}

async function openServer(folder: string, open: Closable[]): Promise<string> {
  const server = await startResultsServer({ folder: join(folder, 'tests'), port: 0 })
  open.push(server)
  return server.url
}

async function executeRun(
  plan: Plan,
  stage: Stage,
  run: PlannedRun,
  servers: Elsewhere & { resultsServerUrl: string },
  folder: string,
  progress: Progress,
  signal: AbortSignal
): Promise<Execution> {
  const lighthouse = servers.lighthouseUrl === undefined ? await startLighthouse({ port: 0 }) : undefined
  const test = {
    ...plan.setting,
    id: testIdOf(plan, run),
    library: stage.chosen.library,
    messageTypes: stage.messageTypes,
    mesh: stage.mesh,
    seed: run.seed,
    ...(Object.keys(stage.peerConfig).length > 0 && { peerConfig: JSON.stringify(stage.peerConfig) }),
    thresholds: [],
    labels: { comparison: plan.id, block: String(run.block + 1), build: stage.text }
  }
  const where = {
    lighthouseUrl: servers.lighthouseUrl ?? lighthouse!.url,
    resultsServerUrl: servers.resultsServerUrl
  }
  try {
    const { summary, failures } =
      servers.runners === undefined
        ? await runLocalTest({ ...where, clientUrl: stage.clientUrl!, folder }, test, { progress, signal })
        : await runElsewhere(servers.runners, where, { ...test, build: stage.library }, { progress, signal })
    return { testId: test.id, summary: summary ?? null, failures }
  } finally {
    await lighthouse?.close()
  }
}

/** Tells what the test is; the end keeps it apart from one that a crash has cut off. */
function testIdOf({ id }: Plan, { block, variant }: PlannedRun): string {
  return `${id.slice(0, 40)}-${block + 1}${String.fromCharCode(97 + variant)}-${randomBytes(3).toString('hex')}`
}
