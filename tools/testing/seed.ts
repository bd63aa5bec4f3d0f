/**
 * The seed of random tests. Each prints its seed, and `SEED=… npm test -- <file>` repeats it. Loaded
 * before any test, so that fast-check, which prints its own seeds, takes it as well.
 */
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'

/** Programs under test read SEED themselves: the runner passes it on by this name. */
export const SEED_VARIABLE = 'TEST_SEED'

const given = process.env[SEED_VARIABLE]

/** A seed for this test, printed with its results. */
export function seedOf(t: Pick<TestContext, 'diagnostic'>): number {
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given)
  t.diagnostic(`SEED=${seed}`)
  return seed
}

if (given !== undefined) {
  // Only where a seed is given: loading it takes time.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import always loads
  const fastCheck = require('fast-check') as typeof import('fast-check')
  fastCheck.configureGlobal({ seed: Number(given) })
}
