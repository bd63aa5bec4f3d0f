/** Shows text in the dashboard and the report that would harm a careless page. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { writeReport } from '../dashboard/report/test-report'
import { useDashboardLab } from './support/dashboard'
import { fits, openPage, PHONE, untilText } from './support/dashboard-page'
import { feed, storeFinished } from './support/dashboard-tests'

describe('the dashboard', () => {
  const lab = useDashboardLab()

  it('renders ids, labels and errors full of HTML and quotes, or very long ones, as text', async () => {
    const evil = `<img src=x onerror="hacked=1">'"\`</script><script>hacked=1</script>&lt;${'W'.repeat(900)}`
    const library = { name: evil.slice(0, 200) }
    const document = fakeDocument({
      peers: 3,
      duration: 10,
      library,
      labels: { [evil.slice(0, 60)]: evil, __proto__x: evil }
    })
    const empty = await lab.serve()
    await empty.close()
    await storeFinished(empty.folder, { id: 'finished', peers: 3, duration: 10, library })
    const server = await lab.serve({ folder: empty.folder })
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
    await untilText(page, library.name.slice(0, 50))
    await harmless(page)

    // No server has validated a file.
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
})

async function harmless(page: Page): Promise<void> {
  assert.equal(await page.evaluate('typeof hacked'), 'undefined')
  assert.equal(await page.$('main img, main b > b, main script'), null)
  await page.setViewport({ width: PHONE, height: 800 })
  await fits(page, 'hostile text')
  await page.setViewport({ width: 1280, height: 900 })
  await fits(page, 'hostile text', 1280)
}
