import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'puppeteer'
import { buildPage } from '../libraries/bundle/bundle'
import { servePage, type ServedPage } from '../libraries/bundle/static-server'
import { startLighthouse, type Lighthouse } from '../lighthouse/app'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import type { Mesh } from './lighthouse-page'
import { acceptTestCode } from './support/test-code'

const LIBRARIES = ['layers', 'islands'] as const
type Library = (typeof LIBRARIES)[number]
const NUMBERS = [1, 2, 3]
const silent = () => undefined

/** What the test page puts on its `window`. */
declare const meshes: Record<Library, Mesh>

describe('Lighthouse with the real libraries in a real browser', () => {
  let lighthouse: Lighthouse
  let folder: string
  let site: ServedPage
  let browser: Browser
  let page: Page

  before(async () => {
    lighthouse = await startLighthouse({ port: 0 })
    folder = await mkdtemp(join(tmpdir(), 'lighthouse-page-'))
    await buildPage({ outDir: folder, entry: join(__dirname, 'lighthouse-page.ts') })
    site = await servePage(folder)
    browser = await launchBrowser(await obtainBrowser(silent), site.url, silent)
    page = await browser.newPage()
    await acceptTestCode(page)
    await page.goto(site.url)
    await Promise.all(
      LIBRARIES.map((library) =>
        page.evaluate(
          (name, url, ids) => meshes[name].start(name, url, ids),
          library,
          lighthouse.url,
          NUMBERS.map((number) => idOf(library, number))
        )
      )
    )
  })

  after(async () => {
    await browser.close()
    await Promise.all([site.close(), lighthouse.close(), rm(folder, { recursive: true })])
  })

  for (const library of LIBRARIES) {
    it(`${library} peers hear each other, both generations at the same time`, async () => {
      await everyoneHearsEveryone(page, library, 'hello')
    })
  }

  it('shows the mesh, and each generation in its own kind of group', async () => {
    // The page knows what heartbeats have reported, and layers peers send one every 5 s.
    const layersTopology = await eventually(
      () => getJson<{ id: string; connectedPeerIds: string[] }[]>('/layers/blue/topology'),
      (topology) => topology.every(({ connectedPeerIds }) => connectedPeerIds.length > 0)
    )
    assert.deepEqual(
      layersTopology.map(({ id }) => id).sort(),
      NUMBERS.map((it) => idOf('layers', it))
    )

    const { islands } = await getJson<{ islands: { peers: { id: string }[] }[] }>('/islands')
    assert.deepEqual(
      islands.map(({ peers }) => peers.map(({ id }) => id).sort()),
      [NUMBERS.map((it) => idOf('islands', it))]
    )
  })

  it('recovers both meshes after it was gone', async () => {
    const { port } = lighthouse
    await lighthouse.close()
    await page.waitForFunction(() =>
      [...meshes.layers.connections(), ...meshes.islands.connections()].every((count) => count === 0)
    )
    lighthouse = await startLighthouse({ port })
    await Promise.all(LIBRARIES.map((library) => everyoneHearsEveryone(page, library, 'again')))
  })

  async function getJson<T>(path: string): Promise<T> {
    const response = await fetch(lighthouse.url + path)
    return (await response.json()) as T
  }
})

/** Waits until every peer of a mesh has received what each of the others sends in this phase of the test. */
async function everyoneHearsEveryone(page: Page, library: Library, phase: string): Promise<void> {
  await page.evaluate(
    (name, now) => {
      meshes[name].phase = now
    },
    library,
    phase
  )
  const ids = NUMBERS.map((number) => idOf(library, number))
  const expected = ids.flatMap((from) =>
    ids.filter((to) => to !== from).map((to) => `${phase} ${from}>${to}`)
  )
  const heard = await eventually(
    () => page.evaluate((name) => [...meshes[name].heard], library),
    (all) => expected.every((one) => all.includes(one))
  )
  assert.deepEqual(
    expected.filter((one) => !heard.includes(one)),
    [],
    'not heard'
  )
}

/**
 * Repeats the call until the answer is as wanted or it hangs (5 minutes). Returns the last answer.
 */
async function eventually<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const giveUp = Date.now() + 300_000
  let answer = await ask()
  while (!isWanted(answer) && Date.now() < giveUp) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    answer = await ask()
  }
  return answer
}

function idOf(library: Library, number: number): string {
  return `${library}-peer-${number}`.padEnd(42, '0')
}
