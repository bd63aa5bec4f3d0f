/** Checks every view of the dashboard with the rules of axe-core, in both themes and on a phone. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { writeReport } from '../dashboard/report/test-report'
import { documentText } from '../protocol/document-text'
import { useDashboardLab } from './support/dashboard'
import { fits, openPage, PHONE, press, seriousFindings, untilText } from './support/dashboard-page'
import { feed } from './support/dashboard-tests'

describe('the dashboard', () => {
  const lab = useDashboardLab()

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
      { name: 'finished', address: `${server.url}/?seen#/test/seen`, text: 'Do not trust these figures' },
      { name: 'compare', address: `${server.url}/?compare#/compare`, text: 'Baseline: 0' },
      { name: 'report', address: `file://${report}`, text: 'Do not trust these figures' }
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
    await page.emulateMediaType('print')
    const [cut, bar] = await page.$$eval('.plot canvas', (canvases) => {
      // As drawn on a screen wider than paper.
      for (const canvas of canvases) canvas.style.width = '4000px'
      const widths = canvases.map((canvas) => canvas.offsetWidth - canvas.closest('.plot')!.clientWidth)
      return [Math.max(...widths), getComputedStyle(document.querySelector('.scrubber')!).position]
    })
    assert.deepEqual([cut, bar], [0, 'static'], 'on paper, no chart is cut, and no bar covers one')
    const isMeshWhole = await page.$eval('svg.graph', (graph) => {
      graph.style.width = '200px'
      const { left, right } = graph.getBoundingClientRect()
      return [...graph.querySelectorAll('.peer-dot')]
        .map((dot) => dot.getBoundingClientRect())
        .every((dot) => dot.left >= left && dot.right <= right)
    })
    assert.ok(isMeshWhole, 'the mesh is as narrow as the paper')
    // A sheet of A4.
    await page.setViewport({ width: 718, height: 800 })
    for (const view of ['', 'compare']) {
      await page.goto(`${server.url}/?paper#/${view}`)
      await untilText(page, 'seen')
      const hidden = await page.$eval('.scroll', (list) => list.scrollWidth - list.clientWidth)
      assert.equal(hidden, 0, `on paper, nothing of the list is cut: ${view}`)
    }
    await page.goto(`file://${report}`)
    await untilText(page, 'Summary')
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }])
    await page.evaluate(() => {
      const drawings = () => Array.from(document.querySelectorAll('canvas'), (canvas) => canvas.toDataURL())
      const before = drawings()
      const judge = () => {
        document.title = drawings().some((drawing, at) => drawing === before[at]) ? 'late' : 'at once'
      }
      matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
        // Printing waits for microtasks only.
        let turns = Promise.resolve()
        for (let turn = 0; turn < 10; turn++) turns = turns.then(() => undefined)
        turns.then(judge, console.error)
      })
    })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    await page.waitForFunction(() => /^(late|at once)$/.test(document.title))
    assert.equal(await page.title(), 'at once', 'charts are drawn in the colours of paper')
    await page.emulateMediaType('screen')
    const rates = { position: 0.01, profile: 0, chat: 0 }
    const long = join(server.folder, 'long.report.json')
    await writeFile(long, documentText(fakeDocument({ peers: 2, duration: 36_000, interval: 600, rates })))
    await writeReport(long, `${long}.html`)
    await page.setViewport({ width: 320, height: 800 })
    await page.goto(`file://${long}.html`)
    await untilText(page, '10:00:00 / 10:00:00')
    await fits(page, 'a test of ten hours', 320)
    await page.goto(`${server.url}/?picked#/compare?baseline=seen`)
    await untilText(page, 'Clear')
    await fits(page, 'a pick to compare', 320)
    assert.deepEqual(troubles, [])
    await page.close()
  })
})
