/** Runs of two fake builds whose difference is known, to test everything that compares. */
import type { Summary } from '../../protocol/summary'
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
  const summary = summaryOf({ seed: 100 + block, peers: 3, duration: 8, delay: 20 + block, ...mesh })
  summary.testId = id
  return { testId: id, block, variant, attempt, failures, summary }
}

/** By the options of their meshes, since most tests ask for the same ones. */
const summaries = new Map<string, Summary>()

/** One of its own for each caller, who may change it. */
function summaryOf(options: FakeOptions): Summary {
  // A function's text does not say what it does.
  const isKnowable = Object.values(options).every((value) => typeof value !== 'function')
  const key = isKnowable ? JSON.stringify(options) : ''
  const made = summaries.get(key) ?? fakeDocument(options).summary!
  if (isKnowable) summaries.set(key, made)
  return structuredClone(made)
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
