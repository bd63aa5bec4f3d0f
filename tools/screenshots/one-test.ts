/** Screenshots of one test: live in the dashboard, finished in the dashboard, and as a report. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeReport } from '../../report/test-report'
import { ResultsClient } from '../../protocol/api-client'
import { PlainProgress } from '../../cli/progress'
import { startLab, type Lab } from '../../local/lab'
import { runLocalTest, type LocalTest } from '../../local/local-test'
import { openCamera, type Camera, type Shot } from './camera'

const ID = 'main-loops'
const TEST: LocalTest = {
  id: ID,
  peers: 8,
  peersPerTab: 8,
  duration: 40,
  warmup: 5,
  library: 'layers',
  routine: 'loops',
  messageTypes: 'faithful',
  mesh: 'usual',
  seed: 7,
  thresholds: ['delivery.position>=0.99', 'latency.position.p95<200ms'],
  labels: { branch: 'main' }
}

/** Runs a test in `root` and takes its pictures. Returns the ids of tests that are or looked void. */
export async function picturesOfOneTest(root: string, out: string): Promise<string[]> {
  const ports = { lighthouse: 0, server: 0, page: 0 }
  const progress = new PlainProgress(console.log)
  const lab = await startLab({ folder: join(root, 'results'), ports }, progress)
  const camera = await openCamera(out)
  try {
    await new ResultsClient({ url: lab.resultsServerUrl }).createTest('next-one', { expectedPeers: 8 })
    const running = runLocalTest(lab, TEST, { progress, signal: new AbortController().signal })
    const isDoubtedLive = await liveShot(camera, lab)
    const { summary, resultsFile, failures } = await running
    if (failures.length > 0) throw new Error(`The run failed: ${failures.join('; ')}`)
    const report = join(root, 'report.html')
    await writeReport(resultsFile, report)
    await finishedShots(camera, lab, report)
    // A burst of other work may raise a warning that the whole test does not confirm; the picture would show
    // it.
    return summary?.verdict === 'valid' && !isDoubtedLive ? [] : [ID]
  } finally {
    await camera.close()
    await lab.close()
  }
}

function liveShot(camera: Camera, lab: Lab): Promise<boolean> {
  return camera.take({
    file: 'dashboard-live.png',
    address: `${lab.resultsServerUrl}/#/test/${ID}`,
    prepare: async (page) => {
      await page.waitForSelector('.charts', { timeout: 60_000 })
      await sleep(28_000)
    }
  })
}

async function finishedShots(camera: Camera, lab: Lab, report: string): Promise<void> {
  const shots: Shot[] = [
    { file: 'dashboard-tests.png', address: `${lab.resultsServerUrl}/#/`, height: 420 },
    {
      file: 'dashboard-mesh.png',
      address: `${lab.resultsServerUrl}/?mesh#/test/${ID}`,
      prepare: async (page) => {
        const peer = await page.waitForSelector('select.peers')
        const ids = await page.$$eval('select.peers option', (options) => options.map(({ value }) => value))
        await peer!.select(ids[1]!)
        await page.$eval('#mesh', (heading) => {
          heading.scrollIntoView()
        })
      }
    },
    { file: 'report-dark.png', address: `file://${report}`, theme: 'dark' },
    {
      file: 'dashboard-phone.png',
      address: `${lab.resultsServerUrl}/?phone#/test/${ID}`,
      width: 360,
      height: 760
    }
  ]
  for (const shot of shots) await camera.take(shot)
}
