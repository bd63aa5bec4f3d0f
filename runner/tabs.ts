/** Opens the client page in tabs of the browser and forwards what the pages report. */
import pRetry from 'p-retry'
import type { Browser, Page } from 'puppeteer'
import { textsFor } from '../cli/surface'
import { messageOf } from '../cli/user-error'
import type { NextSharedBound } from '../protocol/clock/server-clock'
import { groupBy } from '../protocol/group-by'
import { pageAddress, pageStatusSchema } from '../protocol/page'
import type { RunnerConfiguration } from './configuration'
import { newTab } from './launch'
import type { Watch } from './watch'

/** Generous, because a machine that will be found overloaded is slow to load the page. */
const LOAD_TIMEOUT_MS = 90_000

export interface TabPlan {
  number: number
  /** Numbers of its peers in the whole test, ascending. */
  peers: number[]
  /** Index of the part of the network that all its peers are on: a tab has one link. */
  part: number
  /** Index of the build of the library that all its peers run: a tab has one page. */
  build: number
}

/** The page of one build of the library, and how many of the mesh's peers run it. */
export type BuildPage = { clientUrl: string; peers: number }

/** `perTab` peers a tab, or fewer: each part of the network and each build needs tabs of its own. */
export function planTabs(
  peersCount: number,
  perTab: number,
  firstPeerNumber: number,
  partOf: (peer: number) => number = () => 0,
  buildOf: (peer: number) => number = () => 0
): TabPlan[] {
  const all = Array.from({ length: peersCount }, (_, index) => firstPeerNumber + index)
  const groups = groupBy(all, (peer) => `${partOf(peer)} ${buildOf(peer)}`)
  const tabs = [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / perTab) }, (_, i) =>
      group.slice(i * perTab, (i + 1) * perTab)
    )
  )
  return tabs.map((peers, index) => {
    const [first] = peers as [number]
    return { number: index + 1, peers, part: partOf(first), build: buildOf(first) }
  })
}

/** The build of a peer: the first peers run the first build, the next ones the second, and so on. */
export function buildOfPeer(builds: readonly Pick<BuildPage, 'peers'>[], peer: number): number {
  let end = 0
  return builds.findIndex(({ peers }) => peer < (end += peers))
}

/** The page's address for one tab. `meshPeers` is the number of peers in the whole test. */
export function tabAddress(
  configuration: RunnerConfiguration,
  clientUrl: string,
  plan: TabPlan,
  meshPeers: number
): string {
  const parameters = textsFor('page', {
    ...configuration,
    tabNumber: plan.number,
    numberOfPeers: plan.peers.length,
    firstPeerNumber: plan.peers[0],
    peerNumbers: areConsecutive(plan.peers) ? undefined : plan.peers,
    meshPeers: configuration.mesh === 'full' && meshPeers > 1 ? meshPeers : undefined
  })
  return pageAddress(clientUrl, parameters, configuration.token)
}

const areConsecutive = (numbers: readonly number[]) =>
  numbers.every((number, index) => number === numbers[0]! + index)

/** Runs in the page, which says nothing without its script. Those of other origins have no status. */
const isScriptMissing = () =>
  (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).some(
    ({ name, responseStatus }) => name.endsWith('/bundle.js') && responseStatus === 0
  )

/** What the page reports, throws or suffers goes to `watch`. Rejects only if the browser itself is gone. */
export async function openTab(
  browser: Browser,
  plan: TabPlan,
  address: string,
  watch: Watch,
  nextServerClock: NextSharedBound,
  prepare: (page: Page) => Promise<unknown>
): Promise<Page> {
  const page = await newTab(browser, new URL(address).origin)
  const { number } = plan
  watch.opened(number, plan.peers.length)
  page.on('error', (error) => watch.gone(number, `crashed (${error.message})`))
  page.on('close', () => watch.gone(number, 'was closed'))
  page.on('pageerror', (error) => watch.pageError(number, messageOf(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') watch.pageError(number, message.text())
  })
  await page.exposeFunction('reportToRunner', (status: unknown) => {
    const { success, data, error } = pageStatusSchema.safeParse(status)
    if (success) watch.report(number, data)
    else watch.pageError(number, `reported something else than its status: ${error.message}`)
  })
  await page.exposeFunction('nextServerClock', nextServerClock)
  await prepare(page)
  const load = async () => {
    await page.goto(address, { waitUntil: 'domcontentloaded', timeout: LOAD_TIMEOUT_MS })
    if (!(await page.evaluate(isScriptMissing))) return
    // The same address again would load nothing.
    await page.goto('about:blank')
    throw new Error('its script was cut off')
  }
  // Chromium gives up while a network interface comes or goes, as when a container starts.
  await pRetry(load, {
    retries: 3,
    shouldRetry: ({ error }) => /ERR_NETWORK_CHANGED|its script was cut off/.test(error.message)
  }).catch((error: unknown) => watch.gone(number, `could not load the page: ${messageOf(error)}`, 'failed'))
  return page
}
