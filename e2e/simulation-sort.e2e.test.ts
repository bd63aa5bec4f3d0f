import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { obtainBrowser } from '../runner/browser'
import { closeBrowser, launchBrowser } from '../runner/launch'
import { sortAsChromium } from '../simulation/world/browser-sort'
import { acceptTestCode } from './support/test-code'

const LONGEST = 64

/**
 * Sorts numbers from 0 to n − 1 with a pseudo-random comparator, for n from 2 to `longest`. Returns which
 * pairs were compared, in order. It also runs in the browser, so it must be self-contained.
 */
function comparisons(longest: number): string[] {
  const found: string[] = []
  for (let n = 2; n <= longest; n++) {
    let state = n
    const pairs: string[] = []
    Array.from({ length: n }, (_, index) => index).sort((a, b) => {
      pairs.push(`${a}-${b}`)
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return state
    })
    found.push(pairs.join(' '))
  }
  return found
}

describe("Chromium's sort", () => {
  it('compares the same elements as the simulation, so a seed gives the same mesh', async () => {
    const silent = () => undefined
    const browser = await launchBrowser(await obtainBrowser(silent), 'http://localhost', silent)
    let real: string[]
    try {
      const page = await browser.newPage()
      await acceptTestCode(page)
      real = (await page.evaluate(`(${comparisons.toString()})(${LONGEST})`)) as string[]
    } finally {
      await closeBrowser(browser)
    }
    const own = { sort: Array.prototype.sort, toSorted: Array.prototype.toSorted }
    sortAsChromium()
    const simulated = comparisons(LONGEST)
    Object.assign(Array.prototype, own)
    const unlike = real.flatMap((pairs, index) => (pairs === simulated[index] ? [] : [index + 2]))
    assert.deepEqual(unlike, [], `arrays of these lengths are sorted differently: ${unlike.join(', ')}`)
  })
})
