/** The whole life of a test in the dashboard, with real peers behind it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { serveOwnPage } from '../libraries/bundle/own-page'
import { startLighthouse } from '../lighthouse/app'
import { useDashboardLab } from './support/dashboard'
import { openPage, press, textOf, untilText } from './support/dashboard-page'
import { feed } from './support/dashboard-tests'
import { startClients } from './support/lab'
import { until } from './support/processes'

describe('the dashboard', () => {
  const lab = useDashboardLab()

  it('shows a test with real peers from creation to finish', async (t) => {
    const server = await lab.serve()
    const lighthouse = await startLighthouse({ port: 0 })
    const clientPage = await serveOwnPage()
    t.after(() => Promise.all([lighthouse.close(), clientPage.close()]))
    const { page, troubles } = await openPage(lab.browser, server.url)

    await untilText(page, 'No tests yet')
    await press(page, 'New test')
    await fill(page, {
      id: 'life',
      duration: '6',
      warmup: '1',
      labels: 'why=to see it live',
      thresholds: 'delivery.position>=0.9'
    })
    await press(page, 'Create')
    await untilText(
      page,
      `TEST_ID=life RESULTS_SERVER_URL=${server.url} LIGHTHOUSE_URL=http://localhost:9000 PEERS_COUNT=10 npx peer-perf clients`
    )
    await untilText(page, '0 peers ready')

    const clients = startClients(
      {
        lighthouseUrl: lighthouse.url,
        resultsServerUrl: server.url,
        clientUrl: clientPage.url,
        clientUrls: clientPage.urls,
        folder: server.folder,
        close: () => Promise.resolve()
      },
      'life',
      {
        PEERS_COUNT: '4',
        PEERS_PER_TAB: '4',
        TEST_DURATION: '6',
        STATS_SUBMIT_INTERVAL: '1000',
        RUNNER_ID: 'here'
      }
    )
    await untilText(page, '4 peers ready')
    await press(page, 'Start')
    await untilText(page, 'Over time')

    const first = await shownByCharts(page)
    await until('the charts move', async () => (await shownByCharts(page)) !== first)

    await untilText(page, '4 peers · 6 links · 1 component')
    await clickPeer(page)
    await untilText(page, 'Its messages')

    assert.deepEqual(await clients.failures, [], clients.output.join('\n'))
    // The server finishes a test soon after its runners have ended; on a busy machine, before the click.
    const isFinished = async () => (await server.client.getTest('life')).state === 'finished'
    const over = new AbortController()
    await Promise.race([press(page, 'Finish', over.signal), until('the server finishes it', isFinished)])
    over.abort()
    await untilText(page, 'Summary')
    await untilText(page, 'No position message is known to have been lost.')
    await untilText(page, 'met')
    assert.deepEqual(await linksOnPage(page), await linksInData(server.client, 'life'))
    const { verdict, delivery, received } = await server.client.getSummary('life')
    assert.ok(delivery.position! > 0.99, `${delivery.position}`)
    // A busy machine sends less, and the result is void.
    if (verdict === 'valid') assert.ok(received.position > 500, `${received.position}`)
    assert.match(await textOf(page, '.tiles'), /Delivery\s*100%/)

    const whole = await shownByCharts(page)
    await page.$eval('.scrubber input', (input) => {
      input.value = String(Number(input.max) / 2)
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await until('the charts show the middle of the test', async () => (await shownByCharts(page)) !== whole)
    const [, at, end] = /^(\d+) s \/ (\d+) s$/.exec(await textOf(page, '.scrubber output'))!
    assert.ok(Math.abs(Number(at) - Number(end) / 2) <= 1, `${at} of ${end}`)
    await press(page, 'Replay')
    await until('the replay comes to the end', async () =>
      /^(\d+ s) \/ \1$/.test(await textOf(page, '.scrubber output'))
    )

    await page.goto(`${server.url}/#/`)
    await untilText(page, '100%')
    await press(page, 'Delete life')
    await untilText(page, 'life and all its data will be deleted')
    await press(page, 'Delete life')
    await untilText(page, 'No tests yet')
    assert.deepEqual(await server.client.listTests(), [])
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('says when a test without a planned end can be finished', async () => {
    const server = await lab.serve()
    await server.client.createTest('by-hand', { warmup: 1 })
    const { page, troubles } = await openPage(lab.browser, `${server.url}/#/test/by-hand`)
    await (await page.waitForSelector('.actions .primary'))!.press('Enter')
    await until('the button is gone, and its focus is kept', async () => (await focused(page)) === 'MAIN')
    const isStarted = async () => (await server.client.getTest('by-hand')).state === 'running'
    await until('the test has started', isStarted)
    const { peerResults } = fakeDocument({ peers: 2, duration: 8 })
    const [first, ...others] = Object.entries(peerResults)
    await feed(server.client, 'by-hand', { peers: 2, duration: 8 })
    await server.client.submitPeerResults('by-hand', ...first!)
    await untilText(page, 'Over time')
    assert.doesNotMatch(await textOf(page, 'main'), /All peers are done/)
    for (const account of others) await server.client.submitPeerResults('by-hand', ...account)
    await untilText(page, 'All peers are done. Press Finish to end the test and see its summary.')
    await press(page, 'Finish')
    await untilText(page, 'Summary')
    assert.doesNotMatch(await textOf(page, 'main'), /All peers are done/)
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('deletes a test that was never started, from the list and from its page', async () => {
    const server = await lab.serve()
    await server.client.createTest('listed')
    await server.client.createTest('opened')
    const { page, troubles } = await openPage(lab.browser, server.url)
    await press(page, 'Delete listed')
    await untilText(page, 'listed and all its data will be deleted')
    await press(page, 'Cancel')
    await until('the focus is back', async () => (await focused(page)) === 'Delete listed')
    await page.waitForFunction(() => document.querySelector('dialog') === null)
    await page.keyboard.press('Enter')
    await untilText(page, 'listed and all its data will be deleted')
    await press(page, 'Delete listed')
    await page.waitForFunction(() => !document.body.innerText.includes('listed'))
    await until('the focus is kept', async () => (await focused(page)) === 'MAIN')
    await page.goto(`${server.url}/?opened#/test/opened`)
    await press(page, 'Delete')
    await untilText(page, 'opened and all its data will be deleted')
    await press(page, 'Delete opened')
    await untilText(page, 'No tests yet')
    assert.deepEqual(await server.client.listTests(), [])
    assert.deepEqual(troubles, [])
    await page.close()
  })
})

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.type(`dialog [name=${name}]`, value)
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { tagName, ariaLabel } = document.activeElement!
    return ariaLabel ?? tagName
  })
}

/** The latest values of every chart, in words. A steady rate is alike at two times; all of them are not. */
function shownByCharts(page: Page): Promise<string> {
  return page.$$eval('.plot', (plots) => plots.map((plot) => plot.getAttribute('aria-label')).join('\n'))
}

/** Clicks across the graph until it hits a peer. */
async function clickPeer(page: Page): Promise<void> {
  const graph = (await page.$('.graph'))!
  await graph.scrollIntoView()
  const { x, y, width, height } = (await graph.boundingBox())!
  for (let right = 12; right < width; right += 24) {
    for (let down = 12; down < height; down += 24) {
      await page.mouse.click(x + right, y + down)
      if ((await page.$('.peer')) !== null) return
    }
  }
  throw new Error('No click on the graph picks a peer')
}

async function linksOnPage(page: Page): Promise<{ peers: number; links: number }> {
  const [, peers, links] = /(\d+) peers · (\d+) links/.exec(await textOf(page, '.mesh-count'))!
  return { peers: Number(peers), links: Number(links) }
}

/** Counts peers and links by each peer's last report. */
async function linksInData(
  client: {
    getDocument(
      id: string
    ): Promise<{ dataPoints: { peerId: string; metrics: { connectedPeers?: string[] } }[] }>
  },
  id: string
): Promise<{ peers: number; links: number }> {
  const last = new Map<string, string[]>()
  for (const { peerId, metrics } of (await client.getDocument(id)).dataPoints) {
    if (metrics.connectedPeers) last.set(peerId, metrics.connectedPeers)
  }
  const links = new Set([...last].flatMap(([from, others]) => others.map((to) => [from, to].sort().join())))
  return { peers: last.size, links: links.size }
}
