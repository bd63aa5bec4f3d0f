export {
  adjustSecondary,
  blocksNeeded,
  comparePaired,
  compareUnpaired,
  type MetricComparison
} from './compare'
export { holm } from './holm'
export { DEFAULT_MARGIN, marginBounds, noChange, type Direction, type Metric } from './metric'
export { balancedOrder } from './order'
export { ALPHA, type Interval } from './shift'
export { type Verdict } from './verdict'
