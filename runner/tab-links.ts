/** The links of this runner's tabs, and how the network's script changes them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'puppeteer'
import { partOf } from '../cli/network/assignment'
import type { Network } from '../cli/network/network'
import { parseNetwork } from '../cli/network/parse'
import type { ResultsClient } from '../protocol/api-client'
import { UserError } from '../cli/user-error'
import { engineOf, type Engine } from '../cli/network/engine'
import type { PeerRelay } from './relay/peer-relay'
import type { RunnerConfiguration } from './configuration'
import { delaySockets, emulateLink, type SetLink } from './browser-line'
import { datagramsBefore, drawLosses } from './loss-draws'
import { planTabs, type TabPlan } from './tabs'

type ScriptedTab = Pick<TabPlan, 'part'> & { setLink: SetLink }

interface ScriptParts {
  /** ms since 1970 by the server's clock. */
  now: () => number
  signal: AbortSignal
  tell: (line: string) => void
}

export class TabLinks {
  private readonly network: Network
  private readonly tabs: ScriptedTab[] = []
  private readonly engine: Engine
  private readonly seed: number

  /** Throws UserError if the network needs a relay and there is none. */
  constructor(
    private readonly configuration: RunnerConfiguration,
    testSeed: number,
    private readonly relay: PeerRelay | undefined
  ) {
    this.network = parseNetwork(configuration.network)
    this.engine = engineOf(this.network)
    this.seed = configuration.seed ?? testSeed
    if (this.engine === 'relay' && !relay)
      throw new UserError(
        `NETWORK ${configuration.network} needs the relay of npm start and compare (jitter, reorder and partition are beyond the browser): ` +
          'run it there with their own Lighthouse, or use another network'
      )
  }

  /**
   * Plans the tabs for this runner's peers. `buildOf` returns a peer's build of the library; `tell` receives
   * a line if separate links make more tabs necessary.
   */
  plan(firstPeerNumber: number, tell: (line: string) => void, buildOf?: (peer: number) => number): TabPlan[] {
    const { network, seed, configuration } = this
    const { peersCount, peersPerTab, signalling } = configuration
    const plan = (partOfPeer?: (peer: number) => number) =>
      planTabs(peersCount, peersPerTab, firstPeerNumber, partOfPeer, buildOf)
    const onOneLink = plan()
    if (this.engine === 'relay' && signalling === 'direct') return onOneLink
    const plans = plan((peer) => partOf(network, seed, peer))
    if (plans.length > onOneLink.length)
      tell(
        `The peers take ${plans.length} tabs instead of ${onOneLink.length}: a tab has one link, and the network ${configuration.network} has ${network.parts.length}`
      )
    return plans
  }

  /** Gives a new tab its link. Call it before the page at `address` loads. */
  async prepare(page: Page, address: string, { part, peers }: TabPlan): Promise<void> {
    const { steps } = this.network.parts[part]!
    const { signalling, lighthouseUrl: lighthouse } = this.configuration
    const slow = signalling === 'delayed' ? { lighthouse, delay: steps[0].link.delay } : undefined
    if (slow) await delaySockets(page, slow)
    const isInBrowser = this.engine === 'browser'
    if (!isInBrowser && !slow) return
    // The relay itself delays only what peers send each other.
    const setLink = await emulateLink(page, isInBrowser ? peers.length : 0, slow)
    if (isInBrowser && steps.some(({ link }) => link.loss > 0))
      await drawLosses(page, setLink, address, datagramsBefore(this.seed, peers[0]!))
    await setLink(steps[0])
    this.tabs.push({ part, setLink })
  }

  /** Routes the peers over the relay if the network needs it. Call it before they connect. */
  openRelay(): void {
    const { network, seed, relay, configuration } = this
    if (this.engine !== 'relay') return
    const { peersCount, peerIdLength, peerIds, testId } = configuration
    const test = peerIds === 'test' ? testId : undefined
    relay!.open({ network, seed, peers: peersCount, idLength: peerIdLength, test })
  }

  /** Waits for the start of the test and plays the script, if there is one. Resolves when `signal` aborts. */
  async play(client: ResultsClient, parts: ScriptParts): Promise<void> {
    const { network, tabs, relay } = this
    const isRelayed = this.engine === 'relay'
    if (!isRelayed && network.parts.every(({ steps }) => steps.length === 1)) return
    try {
      const { startsAt } = await client.waitForTest(this.configuration.testId, 'started', parts.signal)
      if (startsAt === undefined) return
      if (isRelayed) relay!.begin(() => parts.now() - startsAt)
      else await playScript(network, tabs, startsAt, parts)
    } catch (error) {
      if (!parts.signal.aborted) throw error
    }
  }
}

/**
 * Plays a network's steps after the start at `startsAt` (server's clock, ms since 1970). Resolves after the
 * last one, or when `signal` aborts.
 */
export async function playScript(
  { parts }: Network,
  tabs: readonly ScriptedTab[],
  startsAt: number,
  { now, signal, tell }: ScriptParts
): Promise<void> {
  const steps = parts.flatMap(({ steps: [, ...later] }, part) => later.map((step) => ({ part, step })))
  steps.sort((one, other) => one.step.at - other.step.at)
  for (const { part, step } of steps) {
    const wait = startsAt + step.at - now()
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const own = tabs.filter((tab) => tab.part === part)
    await Promise.all(own.map(({ setLink }) => setLink(step)))
    if (own.length > 0) tell(`Network after ${step.at / 1000} s: ${step.text}${whose(part, parts.length)}`)
  }
}

const whose = (part: number, parts: number) => (parts === 1 ? '' : ` (part ${part + 1} of ${parts})`)
