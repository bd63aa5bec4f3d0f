/**
 * The browser of simulations beside a real Chromium: each probe gets the same answer or is refused, and the
 * list of names that Chromium has is complete for the browser it was recorded from. `UPDATE_NAMES=1` writes
 * the list anew after an upgrade.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import { obtainBrowser } from '../runner/browser'
import { closeBrowser, launchBrowser } from '../runner/launch'
import recorded from '../simulation/browser/chromium-names.json'
import { namesIn, namesOfReceived, RECEIVED } from '../simulation/testing/chromium-names'
import { answerProbe } from '../simulation/testing/probe-server'
import { answerOf, PROBES } from '../simulation/testing/probes'
import { REFUSED } from '../simulation/testing/refused'
import { askSimulatedPage } from '../simulation/testing/simulated-page'
import { acceptTestCode } from './support/test-code'

/** The slowest probe takes 30 s. */
const SILENT_AFTER_MS = 60_000
const NAMES_FILE = join(__dirname, '../simulation/browser/chromium-names.json')

describe('The browser of simulations', () => {
  let server: Server
  let browser: Browser
  let page: Page
  let openPage: () => Promise<Page>
  /** The browser's product and major version. */
  let product: string
  before(async () => {
    server = createServer((request, response) => void answer(request, response)).listen(0)
    const { port } = server.address() as AddressInfo
    const silent = () => undefined
    const url = `http://localhost:${port}`
    const path = await obtainBrowser(silent)
    browser = await launchBrowser(path, url, silent)
    product = `${basename(path)} ${/\d+/.exec(await browser.version())![0]}`
    openPage = async () => {
      const opened = await browser.newPage()
      await opened.goto(url)
      return opened
    }
    page = await openPage()
  })
  after(async () => {
    await closeBrowser(browser)
    server.close()
  })

  it('knows all names that Chromium has, of which it refuses those that it has not', async (t) => {
    const existing = JSON.parse((await askSimulatedPage(EXISTING)).answer) as string[]
    const owners = JSON.stringify([...existing, ...RECEIVED])
    const found = (await page.evaluate(
      `(() => { ${HELPER} return (${namesIn.toString()})(${owners}) })()`
    )) as Record<string, string>
    for (const [where, names] of Object.entries(await received()))
      if (where.startsWith('getStats()')) found[where] = names.join(' ')
    if (process.env.UPDATE_NAMES)
      await writeFile(NAMES_FILE, `${JSON.stringify({ browser: product, names: found }, null, 2)}\n`)
    else if (product === recorded.browser)
      assert.deepEqual(found, recorded.names, 'Run this test again with UPDATE_NAMES=1')
    else {
      t.diagnostic(`Not the exact names: they are of ${recorded.browser}, and this is ${product}`)
      const window = new Set(found.window!.split(' '))
      const missing = existing.filter((each) => !window.has(each))
      assert.deepEqual(missing, [], `The simulation offers what ${product} has not`)
    }
  })

  const received = async () =>
    JSON.parse(
      (await page.evaluate(`(${answerOf.toString()})(${JSON.stringify(NAMES_OF_RECEIVED)})`)) as string
    ) as Record<string, string[]>

  it('has or refuses each member of the objects that a page receives', async () => {
    const { answer } = await askSimulatedPage(NAMES_OF_RECEIVED)
    const simulated = JSON.parse(answer) as Record<string, string[]>
    const missing = Object.entries(await received()).flatMap(([where, names]) =>
      names.filter((name) => !simulated[where]?.includes(name)).map((name) => `${where}.${name}`)
    )
    assert.deepEqual(missing, [])
  })

  /** What a busy Chromium has left without an answer is asked once more, in another page. */
  async function answerOfChromium(name: string, code: string, isAgain = false): Promise<string> {
    const answered = page.evaluate(`(${answerOf.toString()})(${JSON.stringify(code)})`) as Promise<string>
    const answer = await Promise.race([answered, sleep(SILENT_AFTER_MS, undefined, { ref: false })])
    if (answer !== undefined) return answer
    answered.catch(() => undefined)
    if (isAgain) return assert.fail(`Chromium does not answer: ${name}`)
    console.log(`Chromium has not answered, and is asked again: ${name}`)
    page = await openPage()
    await acceptTestCode(page)
    return answerOfChromium(name, code, true)
  }

  it('answers like Chromium, or refuses', async () => {
    await acceptTestCode(page)
    const unlike: object[] = []
    for (const [name, code] of [...Object.entries(PROBES), ...REFUSED.map((code) => [code, code] as const)]) {
      const real = await answerOfChromium(name, code)
      const { answer, refused } = await askSimulatedPage(code)
      if (process.env.SHOW_PROBES) console.log(`${name}\n  Chromium:   ${real}\n  simulation: ${answer}`)
      if (refused.length === 0 && answer !== real) unlike.push({ name, real, simulated: answer })
    }
    assert.deepEqual(unlike, [])
  })
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = {
    url: new URL(request.url!, 'http://localhost'),
    headers: request.headers as Record<string, string>,
    body: await text(request)
  }
  const { status, statusText, headers, body } = answerProbe(asked)
  response.writeHead(status, statusText, { ...headers, 'access-control-allow-origin': '*' }).end(body)
}

/** The compiler of tests keeps the names of functions by it. */
const HELPER = 'const __name = (value) => value;'
const NAMES_OF_RECEIVED = `${HELPER} return (${namesOfReceived.toString()})()`

/** The names of the global object that are not refused. */
const EXISTING = `return Object.getOwnPropertyNames(globalThis).filter((name) => 'value' in Object.getOwnPropertyDescriptor(globalThis, name))`
