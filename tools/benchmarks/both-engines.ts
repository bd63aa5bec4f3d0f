/** Runs a test twice with the same seed: in a real browser, and in virtual time. */
import { readFile } from 'node:fs/promises'
import { PlainProgress } from '../../cli/progress'
import { chooseLibrary } from '../../libraries/library'
import { copyWithFault } from '../../libraries/testing/planted-build'
import { startLab } from '../../orchestration/lab'
import { runLocalTest } from '../../orchestration/local-test'
import type { MessageTypes } from '../../protocol/names'
import type { ResultsDocument } from '../../protocol/results-document'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { planOf } from '../../simulation/plan'
import { prepare } from '../../simulation/prepare'
import { simulate } from '../../simulation/simulate'
import { bundlePrograms } from '../../simulation/world/bundles'

export interface CrossCase {
  /** As for chooseLibrary. */
  library: string
  peers: number
  tabs: 1 | 2 | 4
  routine: string
  seed: number
  messageTypes?: MessageTypes
  network?: string
  mesh?: 'full'
  peerConfig?: Record<string, unknown>
  /** Options of the data channels, in a copy of the bundled layers that opens such channels. */
  channel?: RTCDataChannelInit
  /** Seconds; 12 by default, of which the first 3 are not measured. */
  duration?: number
}

const silent = () => undefined
const WARMUP = 3

/** Where layers 0.2.20 says how to open a data channel. */
const CHANNEL = 'label: connectionIdFor(this.peerId(), peerId, sessionId)'

/** The build of the case, as chooseLibrary takes it. */
async function buildOf({ library, channel }: CrossCase): Promise<string> {
  if (!channel) return library
  const options = JSON.stringify(channel).slice(1, -1)
  const fault = { name: options, replace: [[CHANNEL, `${CHANNEL}, ${options}`]] } as const
  return copyWithFault(fault, temporaryFolder())
}

export async function runSimulated(each: CrossCase): Promise<ResultsDocument> {
  const builds = await prepare(await buildOf(each), silent)
  const plan = planOf({ ...settingOf(each), id: `simulated-${each.seed}`, builds })
  const { document, failures } = await simulate(plan, await bundlePrograms())
  if (failures.length > 0) throw new Error(failures.join('; '))
  return document
}

function settingOf({ tabs, duration = 12, ...behaviour }: CrossCase) {
  const peersPerPage = Math.ceil(behaviour.peers / tabs)
  return { ...behaviour, duration, warmup: WARMUP, peersPerPage }
}

/** Writes the results to `folder`. Rejects if the test fails. */
export async function runReal(each: CrossCase, folder: string): Promise<ResultsDocument> {
  const { library, page } = await chooseLibrary(await buildOf(each), silent)
  const progress = new PlainProgress(silent)
  const ports = { lighthouse: 0, server: 0, page: 0 }
  const lab = await startLab({ folder, pages: [page], ports }, progress)
  try {
    const { peersPerPage: peersPerTab, ...setting } = settingOf(each)
    const test = { ...setting, peersPerTab, peerIds: 'seed' as const, library, thresholds: [], labels: {} }
    const parts = { progress, signal: new AbortController().signal }
    const { resultsFile, failures } = await runLocalTest(lab, test, parts)
    if (failures.length > 0) throw new Error(failures.join('; '))
    return JSON.parse(await readFile(resultsFile, 'utf8')) as ResultsDocument
  } finally {
    await lab.close()
  }
}
