/** Terminal, list, page, report and JSON must show the same figures for the same results document. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Page } from 'puppeteer'
import { formatAt, formatMetric } from '../analysis/format'
import { FACTS, HEADLINE, knownFacts, measuredTime } from '../analysis/summary/figures'
import { summaryText } from '../analysis/summary/summary-text'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { writeReport } from '../dashboard/report/test-report'
import type { Summary } from '../protocol/summary'
import { useDashboardLab } from './support/dashboard'
import { openPage, untilText } from './support/dashboard-page'

const ID = 'one-number'
/**
 * Different message kinds, losses, lateness, too few chats for a p99, an uneven mesh, clocks of two machines,
 * and a drain after the end.
 */
const OPTIONS = {
  id: ID,
  peers: 7,
  runners: 2,
  loss: 0.01,
  duplication: 0.2,
  sendLateness: (peer: number) => (peer === 2 ? 35 : 0),
  thresholds: ['delivery.all>=98%', 'latency.all.p95<1ms']
}

describe('all surfaces', () => {
  const lab = useDashboardLab()

  it('show the same number under the same name', async () => {
    const { summary, dataPoints, ...rest } = fakeDocument(OPTIONS)
    assert.ok(summary)
    const empty = await lab.serve()
    await empty.close()
    const file = join(empty.folder, `${ID}.json`)
    await writeFile(
      file,
      `${JSON.stringify(rest).slice(0, -1)},\n"summary":${JSON.stringify(summary)},\n${JSON.stringify({ dataPoints }).slice(1)}\n`
    )
    const server = await lab.serve({ folder: empty.folder })
    assert.deepEqual(await server.client.getSummary(ID), JSON.parse(JSON.stringify(summary)))

    assertTerminal(summaryText(summary), summary)

    const { page, troubles } = await openPage(lab.browser, server.url)
    await untilText(page, ID)
    await untilText(page, formatAt(summary, HEADLINE.latency))
    assertListRow(await cells(page, 'table.tests tbody tr'), summary)

    await page.goto(`${server.url}/?page#/test/${ID}`)
    await untilText(page, 'Owed latency p95')
    await assertTestPage(page, summary)

    const report = join(empty.folder, 'report.html')
    await writeReport(file, report)
    await page.goto(pathToFileURL(report).href)
    await untilText(page, 'Owed latency p95')
    await assertTestPage(page, summary)
    assert.deepEqual(troubles, [])
    await page.close()
  })
})

function assertTerminal(text: string, summary: Summary): void {
  const line = text.split('\n').find((each) => each.startsWith('all '))!
  for (const path of [HEADLINE.delivery, HEADLINE.latency, HEADLINE.latencyMedian])
    assert.ok(line.includes(formatAt(summary, path)), path)
  const words = text.replaceAll(/\s+/g, ' ')
  for (const figures of Object.values(FACTS)) {
    for (const { name, value } of knownFacts(summary, figures))
      assert.ok(words.includes(`${name} ${value}`), name)
  }
  assert.ok(words.includes(`${measuredTime(summary)} measured`))
  assert.ok(words.includes('met delivery.all>=98%') && words.includes('missed latency.all.p95<1ms'))
}

function assertListRow(row: string[], summary: Summary): void {
  for (const shown of [
    measuredTime(summary),
    formatAt(summary, HEADLINE.delivery),
    formatAt(summary, HEADLINE.latency)
  ])
    assert.ok(row.includes(shown), `${shown} of ${row.join(' | ')}`)
}

async function assertTestPage(page: Page, summary: Summary): Promise<void> {
  const tiles = Object.fromEntries(
    await page.$$eval('.tiles > div', (divs) =>
      divs.map((div): [string, string] => [
        div.querySelector('dt')!.innerText,
        div.querySelector('b')!.textContent
      ])
    )
  )
  const { seconds } = summary.measured
  assert.equal(tiles.Delivery, formatAt(summary, HEADLINE.delivery))
  assert.equal(tiles['Latency p95'], formatAt(summary, HEADLINE.latency))
  assert.equal(tiles['Owed latency p95'], formatAt(summary, HEADLINE.latencyOwed))
  assert.equal(tiles.Duplicates, formatAt(summary, HEADLINE.duplicates))
  assert.equal(tiles.Measured, measuredTime(summary))
  assert.equal(tiles.Messages, `${formatMetric(summary.received.all / seconds, 'count')}/s`)
  const text = await page.$eval('body', ({ innerText }) => innerText)
  const facts = await page.$$eval('dl.facts.wide dd', (values) =>
    values.map(({ textContent }) => textContent)
  )
  for (const figures of Object.values(FACTS)) {
    for (const { path, value } of knownFacts(summary, figures))
      assert.ok(facts.includes(value), `${path}: ${value}`)
  }
  assert.ok(text.includes('met') && text.includes('missed') && !text.includes('passed'))
  const marks = await page.$$eval('.histogram .mark text', (marks) =>
    marks.map(({ textContent }) => textContent)
  )
  assert.deepEqual(
    marks,
    (['p50', 'p95', 'p99'] as const).map((point) => `${point} ${formatAt(summary, `latency.all.${point}`)}`)
  )
}

function cells(page: Page, row: string): Promise<string[]> {
  return page.$eval(row, (element) =>
    [...element.querySelectorAll('td')].map(({ textContent }) => textContent.trim())
  )
}
