/** Comparing finished tests in the dashboard. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import type { fakeDocument } from '../analysis/testing/fake-mesh'
import { useDashboardLab, type DashboardLab, type ServedDashboard } from './support/dashboard'
import { fits, openPage, PHONE, press, seriousFindings, untilText } from './support/dashboard-page'
import { storeFinished } from './support/dashboard-tests'

describe('the dashboard', () => {
  const lab = useDashboardLab()

  it('compares tests picked in the page as the compare command does', async () => {
    const server = await serveFinished(lab, 6)
    const { page, troubles } = await openPage(lab.browser, server.url)
    await page.locator('::-p-aria([name="Compare tests"][role="link"])').click()
    await untilText(page, 'Baseline: 0 · Candidate: 0')
    await page.waitForFunction(() => document.activeElement?.id === 'main')
    const pickAll = async (first: number, last: number) => {
      for (let block = first; block < last; block++) {
        await pick(page, `Baseline: old-${block}`)
        await pick(page, `Candidate: new-${block}`)
      }
    }
    await pickAll(0, 2)
    await press(page, 'Compare')
    await untilText(page, 'Verdict: undecided')

    // The page's own link names no test; Back returns to those that were picked.
    await page.locator('nav [aria-current]').click()
    await untilText(page, 'Baseline: 0 · Candidate: 0')
    await page.goBack()
    await untilText(page, 'Baseline: 2 · Candidate: 2')

    await pickAll(2, 6)
    await untilText(page, 'Baseline: 6 · Candidate: 6')
    await press(page, 'Compare')
    await untilText(page, 'Verdict: worse')
    const picture = await pictureOf(page)
    assert.match(picture, /latency\.position\.p95 \(primary\)/)
    const dots = await page.$$('.comparison >>> circle.candidate')
    assert.equal(dots.length % 6, 0)
    assert.ok(dots.length > 0)
    assert.deepEqual(await seriousFindings(page), [])
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    await page.setViewport({ width: PHONE, height: 800 })
    assert.deepEqual(await seriousFindings(page), [], 'dark, on a phone')
    await fits(page, 'a comparison')
    const cutOff = await page.$eval('.comparison >>> [aria-label="Provenance of both builds"]', (table) => {
      return table.scrollWidth - table.clientWidth
    })
    assert.equal(cutOff, 0, 'provenance is not cut off')
    const name = (await page.$('.comparison >>> .defined summary'))!
    await name.focus()
    await page.keyboard.press('Enter')
    assert.equal(await name.evaluate(({ parentElement }) => parentElement!.hasAttribute('open')), true)

    // The URL contains the picks.
    await page.goto(`${server.url}/?again${await page.evaluate(() => location.hash)}`)
    await untilText(page, 'Baseline: 6 · Candidate: 6')
    await pick(page, 'Candidate: unlike')
    await press(page, 'Compare')
    await untilText(page, 'Not compared')
    await untilText(page, '3 (old-0, old-1, old-2 …) / 4 (unlike)')
    await press(page, 'Compare them anyway')
    await untilText(page, 'Verdict: ')
    assert.match(
      await pictureOf(page),
      /Forced: these runs differ in more than the build.*<img src=x onerror=hacked=1>/
    )
    assert.equal(await page.$('.comparison >>> img'), null)

    // Another link replaces the picks and the verdict.
    await page.evaluate(() => (location.hash = '#/compare?baseline=old-0&candidate=new-0'))
    await untilText(page, 'Baseline: 1 · Candidate: 1')
    assert.equal(await page.$('.comparison'), null)

    // A void test counts as a lost attempt, also if a build has no other.
    await page.evaluate(() => (location.hash = '#/compare?baseline=old-1'))
    await pick(page, 'Candidate: void')
    await untilText(page, 'Baseline: 1 · Candidate: 1')
    await press(page, 'Compare')
    await untilText(page, 'Verdict: undecided')
    assert.match(await pictureOf(page), /attempts lost.*0 of 1.*1 of 1/)
    assert.deepEqual(troubles, [])
    await page.close()
  })
})

/**
 * A server with finished tests in its folder: `runs` each of an old build and of a slower new one, a void
 * test, and one with more peers.
 */
async function serveFinished(lab: DashboardLab, runs: number): Promise<ServedDashboard> {
  const empty = await lab.serve()
  await empty.close()
  const { folder } = empty
  const store = (id: string, options: Parameters<typeof fakeDocument>[0]) =>
    storeFinished(folder, { id, peers: 3, duration: 8, ...options })
  for (let run = 0; run < runs; run++) {
    await store(`old-${run}`, { seed: run, delay: 20 + run })
    await store(`new-${run}`, { seed: run, delay: 40 + run })
  }
  await store('void', { cpuUsage: 0.99 })
  await store('unlike', { peers: 4, library: { version: '<img src=x onerror=hacked=1>' } })
  return lab.serve({ folder })
}

async function pick(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="checkbox"])`).click()
}

/** The text of a comparison. */
async function pictureOf(page: Page): Promise<string> {
  return page.$eval('.comparison', ({ shadowRoot }) =>
    (shadowRoot?.textContent ?? '').replaceAll(/\s+/g, ' ')
  )
}
