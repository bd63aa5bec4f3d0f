/** Finds a browser: an installed one, otherwise a downloaded one. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Browser,
  canDownload,
  ChromeReleaseChannel,
  computeSystemExecutablePath,
  getInstalledBrowsers,
  install,
  resolveBuildId,
  detectBrowserPlatform
} from '@puppeteer/browsers'
import { attempt } from '../protocol/attempt'
import { homeFolder } from '../cli/results-folder'
import { messageOf, UserError } from '../cli/user-error'

/** Names under which Linux distributions install the browser, the fastest to start first. */
const COMMANDS = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable'
]
const OFFLINE_AFTER_MS = 8_000

export type Tell = (line: string) => void

/** What the search depends on; tests replace parts of it. */
export type Surroundings = ReturnType<typeof surroundings>

export function surroundings(env = process.env) {
  const { PUPPETEER_CACHE_DIR = '' } = env
  return {
    env,
    get cacheFolder() {
      return PUPPETEER_CACHE_DIR === '' ? join(homeFolder(), '.cache', 'puppeteer') : PUPPETEER_CACHE_DIR
    },
    installedChrome,
    download: downloadHeadlessShell,
    installPackage: installDebianChromium
  }
}

/** Path of a browser, installed if there is none. If all ways fail, throws UserError with what helps. */
export const obtainBrowser = async (tell: Tell, where: Surroundings = surroundings()): Promise<string> =>
  chosenByUser(where.env) ??
  onPath(where.env) ??
  where.installedChrome() ??
  (await inCache(where.cacheFolder)) ??
  (await where.download(where.cacheFolder, tell)) ??
  where.installPackage(tell) ??
  refuse()

/** Throws UserError if there is no browser at the path that the user has set. */
export function chosenByUser({ PUPPETEER_EXECUTABLE_PATH: path }: NodeJS.ProcessEnv): string | undefined {
  if (path === undefined || path === '') return undefined
  if (!isExecutable(path))
    throw new UserError(
      `PUPPETEER_EXECUTABLE_PATH is "${path}", where there is no executable browser: correct it, or unset it to let one be found`
    )
  return path
}

function onPath({ PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '')
  return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command))).find(isExecutable)
}

const isExecutable = (path: string) =>
  attempt(() => {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  })

/** Where Chrome's installer puts Chrome (macOS, Windows, /opt on Linux). */
const installedChrome = () =>
  attempt(() =>
    computeSystemExecutablePath({ browser: Browser.CHROME, channel: ChromeReleaseChannel.STABLE })
  )

async function inCache(cacheDir: string): Promise<string | undefined> {
  const installed = await getInstalledBrowsers({ cacheDir })
  const preferred = [Browser.CHROMEHEADLESSSHELL, Browser.CHROME, Browser.CHROMIUM]
  return preferred
    .flatMap((browser) => installed.filter((one) => one.browser === browser))
    .map(({ executablePath }) => executablePath)
    .find(isExecutable)
}

async function downloadHeadlessShell(cacheDir: string, tell: Tell): Promise<string | undefined> {
  tell('No browser found: fetching chrome-headless-shell (about 100 MB) …')
  const platform = detectBrowserPlatform()
  if (!platform) return undefined
  const browser = Browser.CHROMEHEADLESSSHELL
  try {
    const buildId = await beforeLong(resolveBuildId(browser, platform, 'stable'))
    if (!(await beforeLong(canDownload({ browser, buildId, cacheDir })))) return undefined
    const { executablePath } = await install({ browser, buildId, cacheDir })
    tell(`Installed ${executablePath}`)
    return executablePath
  } catch (error) {
    tell(`It can't be downloaded here (${messageOf(error)})`)
    return undefined
  }
}

/** On a machine without internet access, a connection may hang for minutes instead of being refused. */
function beforeLong<T>(work: Promise<T>): Promise<T> {
  const tooLong = sleep(OFFLINE_AFTER_MS, undefined, { ref: false })
  return Promise.race([work, tooLong.then(() => Promise.reject(new Error('no answer')))])
}

function installDebianChromium(tell: Tell): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  tell("No browser found: as root, apt-get can install Debian's headless Chromium (about 250 MB)")
  if (!agrees()) return undefined
  tell("Installing Debian's Chromium by apt-get …")
  const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends']
  const failed = aptGet(['update'])
  const missing = aptGet([...install, COMMANDS[0]!])
  // A release before the headless shell was a package of its own.
  if (missing !== undefined && aptGet([...install, 'chromium']) !== undefined) tell(failed ?? missing)
  return onPath(process.env)
}

/** Returns what went wrong. */
function aptGet(args: readonly string[]): string | undefined {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
  if (status === 0) return undefined
  return `apt-get ${args.join(' ')} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`
}

/** Asks who sits at a terminal, unless --yes or CI=true has answered; elsewhere there is nobody to ask. */
function agrees(): boolean {
  if (!process.stdin.isTTY || process.env.CI === 'true') return true
  const ask = 'printf "Install it? [Y/n] " >&2; read -r answer; case $answer in [nN]*) exit 1; esac'
  return spawnSync('sh', ['-c', ask], { stdio: 'inherit' }).status === 0
}

function refuse(): never {
  throw new UserError(
    'No browser was found and none could be fetched. Install one, or set PUPPETEER_EXECUTABLE_PATH to its path:\n' +
      '  npx puppeteer browsers install chrome-headless-shell --install-deps   (any system with internet)\n' +
      '  sudo apt-get update && sudo apt-get install chromium-headless-shell   (Debian; Ubuntu: chromium-browser)'
  )
}
