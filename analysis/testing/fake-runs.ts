/** Runs of two fake builds whose difference is known, to test everything that compares. */
import { fakeDocument } from './fake-mesh'
import type { FakeOptions } from './fake-options'
import type { Run } from '../comparison/run'

export interface FakeRunOptions extends FakeOptions {
  failures?: string[]
  attempt?: number
}

/** One run. Block and variant determine its id and, by default, its seed. */
export function fakeRun(block: number, variant: number, options: FakeRunOptions = {}): Run {
  const { failures = [], attempt = 1, ...mesh } = options
  const id = `block-${block}-build-${variant}-attempt-${attempt}`
  const document = fakeDocument({ id, seed: 100 + block, peers: 3, duration: 8, delay: 20 + block, ...mesh })
  return { testId: id, block, variant, attempt, failures, summary: document.summary! }
}

/** Blocks of a baseline and a candidate. `options` may vary by block and variant. */
export function fakeBlocks(
  blocks: number,
  options: (block: number, variant: number) => FakeRunOptions = () => ({})
): Run[] {
  return Array.from({ length: blocks }, (_, block) =>
    [0, 1].map((variant) => fakeRun(block, variant, options(block, variant)))
  ).flat()
}
