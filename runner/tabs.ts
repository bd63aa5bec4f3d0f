/** Opens the client page in tabs of the browser and passes on what they say. */
import type { Browser, Page } from 'puppeteer'
import { pageAddress, pageStatusSchema, type PageParameters } from '../protocol/page'
import type { RunnerConfiguration } from './configuration'
import { newTab } from './launch'
import type { MachineClock } from './machine-clock'
import type { Watch } from './watch'

/** Loading the page; generous, because a machine that is about to be found overloaded is slow first. */
const LOAD_TIMEOUT_MS = 90_000

export interface TabPlan {
  number: number
  peers: number
  firstPeerNumber: number
}

/** What the tabs of this runner hold: `perTab` peers each, the last one the rest; peers are numbered through. */
export function planTabs(peersCount: number, perTab: number, firstPeerNumber: number): TabPlan[] {
  return Array.from({ length: Math.ceil(peersCount / perTab) }, (_, i) => ({
    number: i + 1,
    peers: Math.min(perTab, peersCount - i * perTab),
    firstPeerNumber: firstPeerNumber + i * perTab
  }))
}

/** The page's address for one tab. `meshPeers` is the number of peers in the whole test. */
export function tabAddress(
  configuration: RunnerConfiguration,
  clientUrl: string,
  plan: TabPlan,
  meshPeers: number
): string {
  const { seed, pingInterval, peerConfig, iceServers } = configuration
  const parameters: PageParameters = {
    testId: configuration.testId,
    runnerId: configuration.runnerId,
    tabNumber: String(plan.number),
    numberOfPeers: String(plan.peers),
    firstPeerNumber: String(plan.firstPeerNumber),
    statsServerUrl: configuration.resultsServerUrl,
    lighthouseUrl: configuration.lighthouseUrl,
    library: configuration.library,
    routine: configuration.routine,
    messageTypes: configuration.messageTypes,
    testDuration: String(configuration.testDuration),
    statsSubmitInterval: String(configuration.statsSubmitInterval),
    peerIdLength: String(configuration.peerIdLength),
    ...(configuration.mesh === 'full' && { mesh: 'full', meshPeers: String(meshPeers) }),
    ...(seed !== undefined && { seed: String(seed) }),
    ...(pingInterval !== undefined && { pingInterval: String(pingInterval) }),
    ...(peerConfig !== undefined && { peerConfig }),
    ...(iceServers !== undefined && { iceServers })
  }
  return pageAddress(clientUrl, parameters, configuration.token)
}

/**
 * Opens one tab. Everything that the page reports, throws or suffers goes to `watch`, also that it does not load; this rejects only
 * where the browser itself is gone.
 */
export async function openTab(
  browser: Browser,
  plan: TabPlan,
  address: string,
  watch: Watch,
  clock: MachineClock
): Promise<Page> {
  const page = await newTab(browser, new URL(address).origin)
  watch.opened(plan.number, plan.peers)
  page.on('error', (error) => {
    watch.gone(plan.number, `crashed (${error.message})`)
  })
  page.on('close', () => {
    watch.gone(plan.number, 'was closed')
  })
  page.on('pageerror', (error) => {
    watch.pageError(plan.number, error instanceof Error ? error.message : String(error))
  })
  page.on('console', (message) => {
    if (message.type() === 'error') watch.pageError(plan.number, message.text())
  })
  await page.exposeFunction('reportToRunner', (status: unknown) => {
    const { success, data, error } = pageStatusSchema.safeParse(status)
    if (success) watch.report(plan.number, data)
    else watch.pageError(plan.number, `reported something else than its status: ${error.message}`)
  })
  await page.exposeFunction('nextServerClock', (seenAt?: number) => clock.next(seenAt))
  try {
    await page.goto(address, { waitUntil: 'domcontentloaded', timeout: LOAD_TIMEOUT_MS })
  } catch (error) {
    watch.gone(
      plan.number,
      `could not load the page: ${error instanceof Error ? error.message : String(error)}`
    )
  }
  return page
}

/** Asks the pages to end at once and to hand in what they have. A page that can't answer is not waited for. */
export function stopTabs(pages: readonly Page[]): void {
  for (const page of pages) {
    page.evaluate('window.stopTest?.()').catch(() => undefined)
  }
}
