/** Derives a new test's settings from the request body. */
import { randomInt } from 'node:crypto'
import type { z } from 'zod'
import type { createTestSchema } from '../../protocol/test-life'
import type { TestSettings } from './records'

export function settingsOf(
  id: string,
  body: z.output<typeof createTestSchema>,
  createdAt: number
): TestSettings {
  const { expectedPeers, holdStart, duration, warmup, seed, labels, thresholds } = body
  return {
    id,
    createdAt,
    ...(expectedPeers !== undefined && { expectedPeers }),
    ...(holdStart && { holdStart }),
    ...(duration !== undefined && { duration }),
    warmup,
    seed: seed ?? drawSeed(),
    labels,
    thresholds
  }
}

/** A seed for a test created without one. */
const drawSeed = () => randomInt(2 ** 32)
