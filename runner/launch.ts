/**
 * Starts the browser so that its tabs run at full rate and their peers find each other on one machine, and
 * closes it with all its processes, whatever state they are in.
 */
import { statfsSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer'
import { attempt } from '../protocol/attempt'
import type { Tell } from './browser'
import { KernelFiles } from './machine/kernel-files'
import { processTree } from './machine/process-tree'
import { onCores } from './own-core'
import { messageOf, UserError } from '../cli/user-error'

/** A busy machine is slow to answer the browser's protocol. A dead browser is noticed by its closed pipe. */
const PROTOCOL_TIMEOUT_MS = 120_000
/** Said each time, because the user's own puppeteer may be configured for another. */
const BROWSER = 'chrome'
const CLOSE_WITHIN_MS = 3_000
const SMALL_SHARED_MEMORY = 256 * 2 ** 20
/** Of each process. The browser takes more than 100 before its first tab, and does not say what it lacks. */
const ENOUGH_FILES = 1024

/**
 * Launches the browser, restricted to `cores` if any are given. `origin` is the origin of the pages in its
 * usual tabs, if any: {@link newTab} does not need it.
 *
 * The pipe, unlike a port, makes the browser end when this process ends, for whatever reason. The runner
 * handles signals itself: the browser must outlive them until the peers have submitted what they have.
 */
export async function launchBrowser(
  executablePath: string,
  origin: string | undefined,
  tell: Tell,
  cores?: readonly number[]
): Promise<Browser> {
  const loopbackOnly = !hasDefaultRoute()
  if (loopbackOnly) tell('This machine has no default route: the peers connect over the loopback interface.')
  if (sharedMemory() < SMALL_SHARED_MEMORY)
    tell('/dev/shm is small: the browser keeps its shared memory in /tmp.')
  if (filesToOpen() < ENOUGH_FILES)
    tell(`The browser may open only ${filesToOpen()} files, and may end for it: ulimit -n ${ENOUGH_FILES}`)
  const headless = basename(executablePath).includes('headless-shell') ? 'shell' : true
  // Puppeteer's own arguments come first. Only a program that starts the browser goes before them.
  const args = puppeteer.defaultArgs({ browser: BROWSER, headless, args: launchArguments(loopbackOnly) })
  const browser = await puppeteer
    .launch({
      ...(cores ? onCores(cores, { executablePath, args }) : { executablePath, args }),
      browser: BROWSER,
      ignoreDefaultArgs: true,
      pipe: true,
      // Nobody listens, and each request of a page would cost browser and runner several messages.
      networkEnabled: false,
      protocolTimeout: PROTOCOL_TIMEOUT_MS,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false
    })
    .catch((error: unknown) => {
      throw new UserError(`The browser ${executablePath} does not start: ${reasonOf(error)}`)
    })
  if (loopbackOnly && origin !== undefined) await allowLoopback(browser.defaultBrowserContext(), origin)
  return browser
}

/** A frozen or stopped tab does not obey, so whatever is left after some seconds is killed. */
export async function closeBrowser(browser: Browser): Promise<void> {
  const root = browser.process()
  const tree = root?.pid === undefined ? [] : processTree(root.pid, new KernelFiles())
  await Promise.race([
    browser.close().catch(() => undefined),
    sleep(CLOSE_WITHIN_MS, undefined, { ref: false })
  ])
  if (root?.exitCode === null && root.signalCode === null) root.kill('SIGKILL')
  // It may have ended.
  for (const pid of tree) attempt(() => process.kill(pid, 'SIGKILL'))
}

/**
 * Opens an empty tab for a page of `origin`, in its own context. All tabs of one context share six
 * connections to each server, and tabs that wait for the start of a test would block the others.
 */
export async function newTab(browser: Browser, origin: string): Promise<Page> {
  const context = await browser.createBrowserContext()
  if (!hasDefaultRoute()) await allowLoopback(context, origin)
  return context.newPage()
}

/** Chromium gathers loopback candidates only for origins that may use a camera and microphone. */
async function allowLoopback(context: BrowserContext, origin: string): Promise<void> {
  const granted = (name: 'camera' | 'microphone') => ({ permission: { name }, state: 'granted' as const })
  await context.setPermission(origin, granted('camera'), granted('microphone'))
}

/**
 * Returns a new array for each launch, because puppeteer changes the one it is given. Puppeteer's own
 * defaults keep hidden tabs at full rate.
 */
export function launchArguments(loopbackOnly: boolean, isRoot = process.getuid?.() === 0): string[] {
  const { NODE_USE_ENV_PROXY, NODE_OPTIONS = '' } = process.env
  const isProxied = NODE_USE_ENV_PROXY === '1' || NODE_OPTIONS.includes('--use-env-proxy')
  return [
    // Chromium refuses to run as root with its sandbox enabled.
    ...(isRoot ? ['--no-sandbox'] : []),
    // Without multicast, as in containers, the .local names that hide addresses do not resolve.
    '--disable-features=WebRtcHideLocalIpsWithMdns',
    // The runner's own requests take no proxy from HTTP_PROXY, unless Node is told so.
    ...(isProxied ? [] : ['--proxy-server=direct://']),
    ...(loopbackOnly ? ['--allow-loopback-in-peer-connection'] : [])
  ]
}

/**
 * Whether packets can leave this machine; if they cannot, Chromium gathers no candidates. Assumed to be true
 * if there is no /proc.
 */
export function hasDefaultRoute(): boolean {
  const ipv4 = tableRows('/proc/net/route')?.some(([, destination]) => destination === '00000000')
  const ipv6 = tableRows('/proc/net/ipv6_route')?.some(
    ([destination, prefix, , , , , , , , device]) =>
      /^0+$/.test(destination!) && prefix === '00' && device !== 'lo'
  )
  return ipv4 === undefined || ipv4 || ipv6 === true
}

function tableRows(file: string): string[][] | undefined {
  const lines = new KernelFiles().read(file)?.trim().split('\n')
  return lines?.map((line) => line.trim().split(/\s+/))
}

function sharedMemory(): number {
  const { blocks, bsize } = attempt(() => statfsSync('/dev/shm')) ?? { blocks: Infinity, bsize: 1 }
  return blocks * bsize
}

/** Node.js has raised its own limit, which the browser inherits, as far as it may. */
function filesToOpen(): number {
  const limits = new KernelFiles().read('/proc/self/limits') ?? ''
  return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity)
}

/** The line of puppeteer's message that gives the reason: the browser's own, if it wrote one. */
function reasonOf(error: unknown): string {
  const lines = messageOf(error).split(/\s*\n\s*/)
  return lines.find((line) => /error|cannot|no such|denied/i.test(line)) ?? lines[0] ?? 'no reason given'
}
