import type { Page } from 'puppeteer'

/** tsx preserves function names with its own helper, which is missing in a page that runs such a function. */
const HELPER = 'globalThis.__name = (value) => value'

/** Lets the page, and everything that it loads later, run functions from the tests. */
export async function acceptTestCode(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(HELPER)
  await page.evaluate(HELPER)
}
