/** Takes screenshots of pages. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import { obtainBrowser } from '../../runner/browser'
import { launchBrowser } from '../../runner/launch'

const MOST_BYTES = 150_000

export interface Shot {
  file: string
  address: string
  theme?: 'dark'
  width?: number
  height?: number
  /** Runs before the picture is taken. */
  prepare?: (page: Page) => Promise<void>
}

export interface Camera {
  /** Returns whether the page warns that its figures are not to be trusted. */
  take(shot: Shot): Promise<boolean>
  close(): Promise<void>
}

export async function openCamera(folder: string): Promise<Camera> {
  const browser = await launchBrowser(await obtainBrowser(console.log), 'http://127.0.0.1', console.log)
  return {
    take: (shot) => take(browser, folder, shot),
    close: () => browser.close()
  }
}

async function take(browser: Browser, folder: string, shot: Shot): Promise<boolean> {
  const page = await browser.newPage()
  await page.setViewport({ width: shot.width ?? 1200, height: shot.height ?? 820 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: shot.theme ?? 'light' }])
  await page.goto(shot.address)
  await sleep(1500)
  await shot.prepare?.(page)
  await sleep(2500)
  const path = join(folder, shot.file)
  await page.screenshot({ path, optimizeForSpeed: false })
  const isDoubted = (await page.$('.reasons')) !== null
  await page.close()
  const { size } = await stat(path)
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes: more than ${MOST_BYTES}`)
  console.log(`${path}: ${(size / 1000).toFixed(0)} kB`)
  return isDoubted
}
