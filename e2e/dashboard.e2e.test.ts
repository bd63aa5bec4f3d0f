/** The dashboard in a real browser, on a real server, with real peers behind it. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { serveOwnPage } from '../client/own-page'
import { writeReport } from '../dashboard/report-file'
import { startLighthouse } from '../lighthouse/app'
import {
  feed,
  openPage,
  press,
  seriousFindings,
  startDashboardLab,
  storeFinished,
  untilText,
  type DashboardLab,
  type ServedDashboard
} from './support/dashboard'
import { startClients } from './support/lab'
import { until } from './support/processes'

const PHONE = 360

describe('the dashboard', () => {
  let lab: DashboardLab
  before(async () => {
    lab = await startDashboardLab()
  })
  after(() => lab.close())

  it('shows the whole life of a test with real peers', async (t) => {
    const server = await lab.serve()
    const lighthouse = await startLighthouse({ port: 0 })
    const clientPage = await serveOwnPage()
    t.after(() => Promise.all([lighthouse.close(), clientPage.close()]))
    const { page, troubles } = await openPage(lab.browser, server.url)

    await untilText(page, 'No tests yet')
    await press(page, 'New test')
    await fill(page, {
      id: 'life',
      duration: '10',
      warmup: '2',
      labels: 'why=to see it live',
      thresholds: 'delivery.position>=0.9'
    })
    await press(page, 'Create')
    await untilText(page, 'TEST_ID=life npm run clients')
    await untilText(page, '0 peers ready')

    const clients = startClients(
      {
        lighthouseUrl: lighthouse.url,
        resultsServerUrl: server.url,
        clientUrl: clientPage.url,
        folder: server.folder,
        close: () => Promise.resolve()
      },
      'life',
      {
        PEERS_COUNT: '4',
        PEERS_PER_TAB: '4',
        TEST_DURATION: '10',
        STATS_SUBMIT_INTERVAL: '1000',
        RUNNER_ID: 'here'
      }
    )
    await untilText(page, '4 peers ready', 30_000)
    await press(page, 'Start')
    await untilText(page, 'Over time', 20_000)

    const first = await received(page)
    await until(
      'the charts move',
      async () => (await received(page)) !== first && (await received(page)) !== '–',
      10
    )

    await untilText(page, '4 peers · 6 links · 1 component')
    await clickPeer(page)
    await untilText(page, 'Its messages')

    assert.deepEqual(await clients.failures, [], clients.output.join('\n'))
    await press(page, 'Finish')
    await untilText(page, 'Summary')
    await untilText(page, 'Every peer heard every position message of every other.')
    await untilText(page, 'met')
    assert.deepEqual(await linksOnPage(page), await linksInData(server.client, 'life'))
    const { delivery, received: arrivals } = await server.client.getSummary('life')
    assert.ok(
      delivery.position! > 0.99 && arrivals.position > 500,
      `${delivery.position} of ${arrivals.position}`
    )
    assert.match(await textOf(page, '.tiles'), /Delivery\s*100 %/)

    const whole = await received(page)
    await page.$eval('.scrubber input', (input) => {
      input.value = String(Number(input.max) / 2)
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await until('the charts show the middle of the test', async () => (await received(page)) !== whole, 5)
    const [, at, end] = /^(\d+) s \/ (\d+) s$/.exec(await textOf(page, '.scrubber output'))!
    assert.ok(Math.abs(Number(at) - Number(end) / 2) <= 1, `${at} of ${end}`)
    await press(page, 'Replay')
    await until(
      'the replay comes to the end',
      async () => /^(\d+ s) \/ \1$/.test(await textOf(page, '.scrubber output')),
      15
    )

    await page.goto(`${server.url}/#/`)
    await untilText(page, '100 %')
    await press(page, 'Delete life')
    await untilText(page, 'life and all its data will be gone')
    await press(page, 'Delete life')
    await untilText(page, 'No tests yet')
    assert.deepEqual(await server.client.listTests(), [])
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('asks for the token, refuses a wrong one, and keeps it in memory only', async () => {
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
    await untilText(page, 'Try again')
    assert.deepEqual(troubles, [])
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
    // While the page is still away, and after it has come back.
    const during = await feed(back.client, 'gap', options, { from: 16, until: 28 })
    await page.waitForFunction(() => !document.body.innerText.includes('does not answer'), {
      timeout: 15_000
    })
    await pointsShown(page, before + during)
    const later = await feed(back.client, 'gap', options, { from: 28, until: 34 })
    await pointsShown(page, before + during + later)

    await list.page.bringToFront()
    await list.page.waitForFunction(() => !document.body.innerText.includes('not reachable'))
    await list.page.close()

    await page.goto(`${server.url}/#/test/absent`)
    await untilText(page, 'All tests')
    await page.goto(`${server.url}/#/no/such/page`)
    await untilText(page, 'There is no such page')
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('compares tests picked in the page as the compare command does', async () => {
    const server = await serveFinished(lab, 6)
    const { page, troubles } = await openPage(lab.browser, server.url)
    await page.locator('::-p-aria([name="Compare tests"][role="link"])').click()
    await untilText(page, 'Baseline: 0 · Candidate: 0')
    const pickAll = async (first: number, last: number) => {
      for (let block = first; block < last; block++) {
        await pick(page, `Baseline: old-${block}`)
        await pick(page, `Candidate: new-${block}`)
      }
    }
    await pickAll(0, 2)
    await press(page, 'Compare')
    await untilText(page, 'Result: not enough runs')

    await pickAll(2, 6)
    await untilText(page, 'Baseline: 6 · Candidate: 6')
    await press(page, 'Compare')
    await untilText(page, 'Result: worse')
    const picture = await pictureOf(page)
    assert.match(picture, /latency\.position\.p95 \(primary\)/)
    const dots = await page.$$('.comparison >>> circle.candidate')
    assert.equal(dots.length % 6, 0)
    assert.ok(dots.length > 0)
    assert.deepEqual(await seriousFindings(page), [])

    // The address holds what is picked.
    await page.goto(`${server.url}/?again${await page.evaluate(() => location.hash)}`)
    await untilText(page, 'Baseline: 6 · Candidate: 6')
    await pick(page, 'Candidate: unlike')
    await press(page, 'Compare')
    await untilText(page, 'Not compared')
    await untilText(page, '3 (old-0, old-1, old-2 …) / 4 (unlike)')
    await press(page, 'Compare them all the same')
    await untilText(page, 'Result: ')
    assert.match(await pictureOf(page), /Forced: these runs are unlike.*<img src=x onerror=hacked=1>/)
    assert.equal(await page.$('.comparison >>> img'), null)

    assert.equal(await page.$eval('[aria-label="Baseline: void"]', isDisabled), true)
    assert.equal(await page.$eval('[aria-label="Candidate: void"]', isDisabled), true)
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('is not harmed by ids, labels and errors full of HTML, quotes and length', async () => {
    const evil = `<img src=x onerror="hacked=1">'"\`</script><script>hacked=1</script>&lt;${'W'.repeat(900)}`
    const document = fakeDocument({
      peers: 3,
      duration: 10,
      labels: { [evil.slice(0, 60)]: evil, __proto__x: evil }
    })
    const server = await lab.serve()
    await server.client.createTest('evil', { started: true, labels: document.labels })
    await feed(server.client, 'evil', { peers: 3, duration: 10 })
    const { runnerId, timestamp, ...sample } = document.runnerSamples[0]!
    assert.ok(timestamp > 0)
    await server.client.submitRunnerSample('evil', runnerId, { ...sample, errors: [evil] })
    const { page, troubles } = await openPage(lab.browser, `${server.url}/#/test/evil`)
    await untilText(page, 'onerror="hacked=1"')
    await harmless(page)
    await page.goto(`${server.url}/#/`)
    await untilText(page, '<img src=x')
    await harmless(page)

    // A file was checked by no server.
    const long = evil + 'x"<b>'.repeat(2000)
    const peer = document.dataPoints[0]!.peerId
    const file = join(server.folder, 'evil.report.json')
    await writeFile(
      file,
      JSON.stringify({
        ...document,
        id: long,
        runnerSamples: [{ ...document.runnerSamples[0], runnerId: long, errors: [long] }]
      }).replaceAll(peer, '</script><b>__proto__')
    )
    await writeReport(file, `${file}.html`)
    await page.goto(`file://${file}.html`)
    await untilText(page, 'onerror="hacked=1"')
    await untilText(page, '3 peers')
    await harmless(page)
    assert.deepEqual(troubles, [])
    await page.close()
  })

  it('has no serious accessibility finding in any view, in both themes, and fits a phone', async () => {
    const server = await lab.serve()
    const { client } = server
    await client.createTest('waiting', { expectedPeers: 4 })
    await client.createTest('seen', {
      started: true,
      duration: 20,
      labels: { branch: 'main' },
      thresholds: ['delivery.position>=0.99']
    })
    await feed(client, 'seen', { peers: 5, duration: 20, parts: 2, tickLateness: () => 80 })
    await client.finishTest('seen')
    const report = join(server.folder, 'seen.html')
    await writeReport(join(server.folder, 'seen.json'), report)
    const { page, troubles } = await openPage(lab.browser, server.url)
    const views = [
      { name: 'list', address: `${server.url}/?list#/`, text: 'seen' },
      { name: 'new test', address: `${server.url}/?new#/`, text: 'seen', button: 'New test' },
      { name: 'deletion', address: `${server.url}/?delete#/`, text: 'seen', button: 'Delete seen' },
      { name: 'waiting', address: `${server.url}/?waiting#/test/waiting`, text: '0 of 4' },
      { name: 'finished', address: `${server.url}/?seen#/test/seen`, text: 'Not to be believed' },
      { name: 'compare', address: `${server.url}/?compare#/compare`, text: 'Baseline: 0' },
      { name: 'report', address: `file://${report}`, text: 'Not to be believed' }
    ]
    for (const theme of ['light', 'dark']) {
      await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: theme },
        { name: 'prefers-reduced-motion', value: 'reduce' }
      ])
      for (const { name, address, text, button } of views) {
        await page.setViewport({ width: theme === 'dark' ? PHONE : 1280, height: 800 })
        await page.goto(address)
        await untilText(page, text)
        if (button !== undefined) await press(page, button)
        assert.deepEqual(await seriousFindings(page), [], `${name}, ${theme}`)
        if (theme === 'dark') await fits(page, name)
      }
    }
    assert.deepEqual(troubles, [])
    await page.close()
  })
})

/** A server that finds finished tests in its folder: so many of an old build and of a slower new one, a void one, and one of more peers. */
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

const isDisabled = (element: Element) => (element as HTMLInputElement).disabled

/** The text of a comparison. */
async function pictureOf(page: Page): Promise<string> {
  return page.$eval('.comparison', ({ shadowRoot }) =>
    (shadowRoot?.textContent ?? '').replaceAll(/\s+/g, ' ')
  )
}

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.type(`dialog [name=${name}]`, value)
}

async function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => (element as HTMLElement).innerText)
}

/** What the first chart tells of the positions received. */
async function received(page: Page): Promise<string | undefined> {
  const label = await page.$eval('.plot', (plot) => plot.getAttribute('aria-label')!)
  return /Latest: position ([^,]*),/.exec(label)?.[1]
}

/** Clicks over the graph until a peer is hit. */
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

/** By the last word of each peer. */
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

async function pointsShown(page: Page, count: number): Promise<void> {
  await until(
    `${count} data points are shown`,
    async () => (await textOf(page, '.facts').catch(() => '')).endsWith(`Data points\n${count}`),
    15
  )
}

async function harmless(page: Page): Promise<void> {
  assert.equal(await page.evaluate('typeof hacked'), 'undefined')
  assert.equal(await page.$('main img, main b > b, main script'), null)
  await page.setViewport({ width: PHONE, height: 800 })
  await fits(page, 'hostile text')
  await page.setViewport({ width: 1280, height: 900 })
}

async function fits(page: Page, name: string): Promise<void> {
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(width <= PHONE, `${name} is ${width} pixels wide on a phone of ${PHONE}`)
}
