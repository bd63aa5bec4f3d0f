/** Comparisons from the results folder in the dashboard: lists them and saves their files. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { compare } from '../analysis/testing/compare'
import { makeHistory } from '../analysis/comparison/history'
import { WEATHER_MAP_VERSION, worstVerdict, type WeatherMap } from '../analysis/comparison/weather-map'
import { fakeBlocks } from '../analysis/testing/fake-runs'
import { comparisonPage } from '../dashboard/report/comparison-page'
import { historyPage } from '../dashboard/report/history-page'
import { weatherPage } from '../dashboard/report/weather-page'
import { useDashboardLab } from './support/dashboard'
import { fits, openPage, PHONE, press, seriousFindings, textOf, untilText } from './support/dashboard-page'
import { until } from './support/processes'

/** A hostile name must remain text on the page. */
const CANDIDATE = 'file:../<img src=x onerror=hacked=1>'

describe('the dashboard', () => {
  const lab = useDashboardLab()

  it('lists comparisons, histories and weather maps, and saves their files, with a token too', async () => {
    const server = await lab.serve({ controlToken: 'right-token' })
    const { page, troubles } = await openPage(lab.browser, `${server.url}/#token=right-token`)
    await page.locator('::-p-aria([name="Comparisons"][role="link"])').click()
    await untilText(page, 'No comparisons yet')
    storeOutcomes(server.folder)

    await untilText(page, CANDIDATE)
    const rows = (await textOf(page, 'tbody')).replaceAll(/\s+/g, ' ')
    assert.match(rows, /map weather map .* home worse 3g worse layers → file/)
    assert.match(rows, /builds history .* one → two → three .* pair comparison .* worse layers → file/)
    assert.equal(await page.$('main img'), null)
    assert.deepEqual(await seriousFindings(page), [])

    await page.locator('::-p-aria([name="pair"][role="link"])').click()
    const frame = await (await page.waitForSelector('iframe.report'))!.contentFrame()
    await frame.waitForSelector('h1')
    assert.match(page.url(), /#\/comparison\/pair$/)
    assert.deepEqual(await seriousFindings(page), [], 'an open report')
    await page.goBack()
    await untilText(page, CANDIDATE)

    const saved = join(server.folder, 'downloads')
    await saveInto(page, saved)
    const isReport = (text: string) => /^<!doctype html>.*Comparison <code>pair</s.test(text)
    await press(page, 'Download the report of pair')
    await until('the report is saved', () => isReport(read(saved, 'comparison-pair.html')))
    // Without a mouse.
    await page.focus('[aria-label="Download the JSON of pair"]')
    await page.keyboard.press('Enter')
    await until('the data is saved', () => read(saved, 'comparison-pair.json').endsWith('}'))
    assert.equal((JSON.parse(read(saved, 'comparison-pair.json')) as { id: string }).id, 'pair')
    await press(page, 'Download the report of builds')
    await until('the history is saved', () => read(saved, 'history-builds.html').includes('</html>'))

    await press(page, 'Download the report of map')
    await until('the map is saved', () => read(saved, 'weather-map.html').includes('</html>'))
    await press(page, 'Download the JSON of map')
    await until('its data is saved', () => read(saved, 'weather-map.json').endsWith('}'))

    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    await page.setViewport({ width: PHONE, height: 800 })
    assert.deepEqual(await seriousFindings(page), [], 'dark, on a phone')
    await fits(page, 'the list of comparisons')
    const cutOff = await page.$$eval('.scroll', ([list]) => list!.scrollWidth - list!.clientWidth)
    assert.equal(cutOff, 0, 'no verdict is cut off')
    assert.deepEqual(troubles, [])
    await page.close()
  })
})

/** Creates the files that `peer-perf compare` and `npx peer-perf history` leave behind. */
function storeOutcomes(results: string): void {
  const metrics = { primary: 'latency.position.p95', secondary: ['delivery.position'] }
  const pair = compare({
    id: 'pair',
    madeAt: 1_700_000_000_000,
    design: 'paired',
    baseline: 'layers',
    candidate: CANDIDATE,
    ...metrics,
    runs: fakeBlocks(6, (block, build) => ({ delay: 20 + block + build * 30 }))
  })
  const builds = makeHistory({
    id: 'builds',
    madeAt: 1_700_000_100_000,
    variants: ['one', 'two', 'three'],
    incomplete: `It ended early: ${'a long reason, '.repeat(8)}and more`,
    ...metrics,
    runs: [0, 1].flatMap((shift) => fakeBlocks(6).map((run) => ({ ...run, variant: run.variant + shift })))
  })
  store('pair', 'comparison', pair, comparisonPage(pair))
  store('builds', 'history', builds, historyPage(builds))
  const weathers = ['home', '3g'].map((name) => ({
    name,
    network: name,
    id: `map-${name}`,
    gate: pair.gate,
    comparison: pair,
    trouble: null
  }))
  const map: WeatherMap = {
    version: WEATHER_MAP_VERSION,
    id: 'map',
    madeAt: 1_700_000_200_000,
    baseline: 'layers',
    candidate: CANDIDATE,
    plannedBlocks: 6,
    verdict: worstVerdict(weathers),
    weathers
  }
  store('map', 'weather', map, weatherPage(map))

  function store(id: string, kind: string, document: unknown, page: string): void {
    const folder = join(results, 'comparisons', id)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${kind}.json`), JSON.stringify(document))
    writeFileSync(join(folder, `${kind}.html`), page)
  }
}

/** Saves the page's downloads in this folder, without asking. */
async function saveInto(page: Page, folder: string): Promise<void> {
  const session = await page.createCDPSession()
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder })
}

/** Returns an empty string while the file does not exist. */
function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8')
  } catch {
    return ''
  }
}
