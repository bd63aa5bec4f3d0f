/** Closes the browser and all its processes, whatever state they are in. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'puppeteer'
import { KernelFiles } from './machine/kernel-files'
import { processTree } from './machine/process-tree'

const CLOSE_WITHIN_MS = 3_000

/** A frozen or stopped tab does not obey, so whatever is left after some seconds is killed. */
export async function closeBrowser(browser: Browser): Promise<void> {
  const root = browser.process()
  const tree = root?.pid === undefined ? [] : processTree(root.pid, new KernelFiles())
  await Promise.race([
    browser.close().catch(() => undefined),
    sleep(CLOSE_WITHIN_MS, undefined, { ref: false })
  ])
  if (root?.exitCode === null && root.signalCode === null) root.kill('SIGKILL')
  for (const pid of tree)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
}
