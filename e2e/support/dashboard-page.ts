/** What a user does on a page of the dashboard, and sees there. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import pRetry from 'p-retry'
import type { Browser, Page } from 'puppeteer'
import { acceptTestCode } from './test-code'

/** A page that has not done it by then never will. */
const HANGS_MS = 300_000
/** Width in pixels. */
export const PHONE = 360

/** Opens a page that collects its errors and dismisses all dialogs. */
export async function openPage(
  browser: Browser,
  address: string
): Promise<{ page: Page; troubles: string[] }> {
  const page = await browser.newPage()
  page.setDefaultTimeout(HANGS_MS)
  await acceptTestCode(page)
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch((error: unknown) => troubles.push(String(error)))
  })
  page.on('console', (message) => {
    // The browser itself logs refused calls.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      troubles.push(message.text())
    }
  })
  await page.setViewport({ width: 1280, height: 900 })
  // Chromium gives up while a network interface comes or goes: the gate's containers start meanwhile.
  await pRetry(() => page.goto(address), {
    retries: 3,
    shouldRetry: ({ error }) => error.message.includes('ERR_NETWORK_CHANGED')
  })
  return { page, troubles }
}

/** Resolves once the page contains `text`. */
export async function untilText(page: Page, text: string): Promise<void> {
  await page
    .waitForFunction((wanted) => document.body.innerText.includes(wanted), {}, text)
    .catch(async () => {
      const shown = await page.evaluate(() => document.body.innerText)
      throw new Error(`The page does not show "${text}" but:\n${shown.slice(0, 2000)}`)
    })
}

/** Presses the button with this name, once it is there; those in a dialog come first. */
export async function press(page: Page, name: string, signal?: AbortSignal): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click({ ...(signal && { signal }) })
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => (element as HTMLElement).innerText)
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** axe-core's findings that are serious or worse, one line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)
      )
  })
}

/** Fails if a page scrolls sideways. @param screen its width, in pixels; by default, a phone's */
export async function fits(page: Page, name: string, screen = PHONE): Promise<void> {
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(width <= screen, `${name} is ${width} pixels wide on a screen of ${screen}`)
}
