/** The dashboard with a server that requires a token, goes down, or does not know a test. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { useDashboardLab } from './support/dashboard'
import { openPage, press, textOf, untilText } from './support/dashboard-page'
import { feed } from './support/dashboard-tests'
import { until } from './support/processes'

describe('the dashboard', () => {
  const lab = useDashboardLab()

  it('asks for the token, refuses a wrong one, and keeps it only in memory', async () => {
    const server = await lab.serve({ controlToken: 'right-token' })
    const { page, troubles } = await openPage(lab.browser, server.url)
    await untilText(page, 'This server asks for a token')
    await page.type('dialog input', 'wrong-token')
    await press(page, 'Continue')
    await untilText(page, 'The server refused this token')
    await page.type('dialog input', 'right-token')
    await press(page, 'Continue')
    await untilText(page, 'No tests yet')
    const kept = await page.evaluate(
      () => location.href + document.cookie + JSON.stringify([localStorage, sessionStorage])
    )
    assert.ok(!kept.includes('right-token'))

    await page.goto(`${server.url}/?again#token=right-token`)
    await untilText(page, 'No tests yet')
    assert.ok(!(await page.evaluate(() => location.href)).includes('token'))

    await page.goto(`${server.url}/?third`)
    await untilText(page, 'This server asks for a token')
    await page.keyboard.press('Escape')
    await untilText(page, 'This server asks for a token. Try again')
    await speaksOfThePageOnly(page)

    // Opens no new page.
    await page.goto(`${server.url}/?third#token=right-token`)
    await untilText(page, 'No tests yet')
    assert.ok(!(await page.evaluate(() => location.href)).includes('token'))
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('shows a test by a link with the read token, and nothing that changes it', async () => {
    const server = await lab.serve({ controlToken: 'control', readToken: 'look' })
    await server.client.createTest('shared')
    const { page } = await openPage(lab.browser, `${server.url}/#/test/shared?token=look`)
    await untilText(page, 'peers ready')
    assert.equal(await page.evaluate(() => location.hash), '#/test/shared')
    const buttons = () => page.$$eval('.actions button', (found) => found.map((button) => button.textContent))
    assert.deepEqual(await buttons(), [])
    await page.goto(`${server.url}/?other#/test/shared?token=control`)
    await until('Start is there', async () => (await buttons()).includes('Start'))
    await page.close()
  })

  it('says what is damaged about a test, and knows no date of it', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'cut.json'), '{"id":"cut","state":"finished"\n,"dataPoints":[\n')
    const server = await lab.serve({ folder })
    const { page, troubles } = await openPage(lab.browser, server.url)
    await untilText(page, 'damaged')
    assert.equal(await textOf(page, 'time'), '–')
    await page.goto(`${server.url}/#/test/cut`)
    await untilText(page, 'The file of test cut is damaged: cut.json: ')
    assert.doesNotMatch(await textOf(page, 'body'), /does not answer|Loading/)
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('shows the test that Try again finds, though nothing about it changes', async () => {
    const server = await lab.serve()
    const state = await server.client.createTest('alike')
    const { page } = await openPage(lab.browser, server.url)
    await page.evaluate((state) => {
      const ask = window.fetch.bind(window)
      const answers = ['first', undefined, 'second']
      window.fetch = async (url, options) => {
        if (typeof url !== 'string' || !url.includes('/test/gone/events')) return ask(url, options)
        const of = answers.shift()
        if (of === undefined) return answers.length > 0 ? ask(url, options) : new Promise(() => undefined)
        return new Response(
          `event: state\ndata: ${JSON.stringify({ ...state, id: 'gone', labels: { of } })}\n\n`
        )
      }
    }, state)
    await page.evaluate(() => (location.hash = '#/test/gone'))
    await untilText(page, 'of: first')
    await untilText(page, 'There is no such test')
    await press(page, 'Try again')
    await untilText(page, 'of: second')
    await page.close()
  })

  it('offers its buttons and the right time after a first failure, whatever clock its machine has', async () => {
    const server = await lab.serve()
    await server.client.createTest('timed', { started: true })
    const { page } = await openPage(lab.browser, `${server.url}/#/nothing`)
    await page.evaluate(() => {
      const ask = window.fetch.bind(window)
      let failures = 0
      window.fetch = async (url, options) => {
        const isRefused = typeof url === 'string' && url.endsWith('/status') && ++failures <= 2
        if (isRefused) throw new TypeError('Failed to fetch')
        return ask(url, options)
      }
      const now = Date.now.bind(Date)
      Date.now = () => now() - 7_200_000
      location.hash = '#/'
    })
    await untilText(page, 'timed')
    await server.close()
    await untilText(page, 'The results server is not reachable')
    const back = await lab.serve({ folder: server.folder, port: Number(new URL(server.url).port) })
    await untilText(page, 'New test')
    const isTimed = async () => /\b[1-9]\d* s so far/.test(await textOf(page, 'tbody'))
    await until('the clock of the server counts', isTimed)

    await back.close()
    await page.evaluate(() => (location.hash = '#/comparison/any'))
    await untilText(page, 'All comparisons')
    await untilText(page, 'The results server is not reachable')
    await page.close()
  })

  it('survives a restart of the server, and fills the gap', async () => {
    const server = await lab.serve()
    await server.client.createTest('gap', { started: true, duration: 40 })
    const options = { peers: 3, duration: 40, interval: 2 }
    const { page, troubles } = await openPage(lab.browser, `${server.url}/#/test/gap`)
    const before = await feed(server.client, 'gap', options, { until: 16 })
    await pointsShown(page, before)

    const list = await openPage(lab.browser, server.url)
    await untilText(list.page, 'gap')

    await server.close()
    await untilText(list.page, 'The results server is not reachable')
    await page.bringToFront()
    await untilText(page, 'The results server does not answer')
    const back = await lab.serve({ folder: server.folder, port: Number(new URL(server.url).port) })
    // Once while the page is still disconnected, and once after it has reconnected.
    const during = await feed(back.client, 'gap', options, { from: 16, until: 28 })
    await page.waitForFunction(() => !document.body.innerText.includes('does not answer'))
    await pointsShown(page, before + during)
    const later = await feed(back.client, 'gap', options, { from: 28, until: 34 })
    await pointsShown(page, before + during + later)

    await list.page.bringToFront()
    await list.page.waitForFunction(() => !document.body.innerText.includes('not reachable'))
    await list.page.close()

    await page.bringToFront()
    await back.close()
    const other = await lab.serve({ port: Number(new URL(server.url).port) })
    await untilText(page, 'There is no such test')
    await other.client.createTest('gap', { labels: { of: 'another folder' } })
    await press(page, 'Try again')
    await untilText(page, 'of: another folder')
    await pointsShown(page, 0)
    await other.client.startTest('gap')
    await feed(other.client, 'gap', options, { until: 4 })
    await untilText(page, 'Over time')
    await other.close()
    const older = await lab.serve()
    await older.client.createTest('gap')
    await older.close()
    await lab.serve({ folder: older.folder, port: Number(new URL(server.url).port) })
    await untilText(page, 'The server no longer has the data that this page has shown')
    await speaksOfThePageOnly(page)
    await press(page, 'Try again')
    await untilText(page, '0 peers ready')

    await page.goto(`${server.url}/#/test/absent`)
    await untilText(page, 'There is no such test')
    await untilText(page, 'All tests')
    await speaksOfThePageOnly(page)
    await page.goto(`${server.url}/#/no/such/page`)
    await untilText(page, 'There is no such page')
    assert.match(await page.title(), /^No such page/)
    assert.deepEqual(troubles, [])
    await page.close()
  })
})

/** The message must be about the page's buttons, not the server's API. */
async function speaksOfThePageOnly(page: Page): Promise<void> {
  assert.doesNotMatch(await textOf(page, 'body'), /header|Bearer|Authorization|(GET|PUT|POST) \//)
}

async function pointsShown(page: Page, count: number): Promise<void> {
  await until(`${count} data points are shown`, async () =>
    (await textOf(page, '.facts').catch(() => '')).endsWith(`Data points\n${count}`)
  )
}
