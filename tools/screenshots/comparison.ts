/** Screenshots of a comparison: its report, and the same runs in the dashboard's Compare view. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'puppeteer'
import type { Comparison } from '../../analysis/comparison/comparison'
import { compareHref, type Side } from '../../dashboard/model/picks'
import { buildOwnDashboard } from '../../dashboard/own-dashboard'
import { startResultsServer } from '../../server/app'
import { CampaignStore } from '../../campaign/store'
import { openCamera, type Shot } from './camera'

const ID = 'full-mesh'
/** Short runs, and just enough of them for a verdict. */
const FLAGS =
  '--baseline layers --candidate layers?mesh=full --blocks 8 --peers 8 --duration 15 --warmup 3 --seed 7'

/** Pages with a lot of text make large files. */
const HEIGHT = 700

/** Runs the command itself, so that the pictures show what a user gets. Returns the comparison's folder. */
export async function runComparison(resultsFolder: string): Promise<string> {
  const args = ['--require', 'ts-node/register', 'commands/compare.ts', '--id', ID, ...FLAGS.split(' ')]
  const child = spawn(process.execPath, args, {
    cwd: resolve(__dirname, '../..'),
    env: { ...process.env, TEST_RESULTS_LOCATION: resultsFolder },
    stdio: 'inherit'
  })
  const [code] = (await once(child, 'close')) as [number | null]
  // 2 is worse and 4 undecided, which make equally good pictures.
  if (code !== 0 && code !== 2 && code !== 4) throw new Error('The comparison failed')
  return new CampaignStore(resultsFolder).folder(ID)
}

const dataIn = (folder: string) => join(folder, 'comparison.json')

/** Rejects with one line if the folder holds no comparison. Checked before anything runs. */
export async function checkComparison(folder: string): Promise<void> {
  await access(dataIn(folder)).catch(() => {
    throw new Error(
      `${folder} holds no comparison.json: name comparisons/ID of a results folder by --comparison`
    )
  })
}

/** Returns the ids of void tests. */
export async function picturesOfComparison(comparisonFolder: string, out: string): Promise<string[]> {
  const { runs } = JSON.parse(await readFile(dataIn(comparisonFolder), 'utf8')) as Comparison
  const picks = new Map(
    runs.filter(({ used }) => used).map(({ testId, build }): [string, Side] => [testId, build])
  )
  const dashboard = await buildOwnDashboard()
  const server = await startResultsServer({
    folder: join(comparisonFolder, 'tests'),
    port: 0,
    dashboardFolder: dashboard.folder
  })
  const camera = await openCamera(out)
  try {
    const address = `${server.url}/${compareHref(picks)}`
    const report = pathToFileURL(resolve(comparisonFolder, 'comparison.html')).href
    const shots: Shot[] = [
      { file: 'dashboard-compare-pick.png', address },
      { file: 'dashboard-compare.png', address, prepare: pressCompare },
      { file: 'dashboard-compare-dark.png', address, theme: 'dark', prepare: pressCompare },
      { file: 'comparison-report.png', address: report }
    ]
    for (const shot of shots) await camera.take({ ...shot, height: HEIGHT })
    return runs.filter(({ verdict }) => verdict !== 'valid').map(({ testId }) => testId)
  } finally {
    await camera.close()
    await server.close()
    await dashboard.close()
  }
}

/** Waits until the button is enabled: the summaries of all runs have arrived. */
async function pressCompare(page: Page): Promise<void> {
  await page.locator('.picked button.primary').click()
  await page.waitForSelector('.result')
}
