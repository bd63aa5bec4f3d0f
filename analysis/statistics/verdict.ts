import { marginBounds, noChange, type Metric } from './metric'
import { ALPHA, type Interval } from './shift'

export type Verdict =
  | 'better'
  | 'worse'
  /** Better or worse has no meaning for this metric, but it is not what it was. */
  | 'changed'
  /** Shown to differ by less than the margin. Not the same as failing to see a difference. */
  | 'same'
  | 'inconclusive'
  /** So few runs that even the clearest difference could not reach `p < ALPHA`. */
  | 'not enough runs'

/**
 * The first line that fits decides. "Lower is better" here; the picture mirrors for "higher is better",
 * and a neutral metric is *changed* where another is better or worse.
 *
 *                    1÷1.03  1  1.03
 *  (no interval)        ╎    │    ╎                   not enough runs
 *                       ╎ ├──┼●─┤ ╎                   same           whole interval inside the margin
 *                       ╎    │├●─┤╎                   same           significant, yet too small to matter
 *      ├─────●────┤     ╎    │    ╎                   better         interval leaves out 1, that is p < 0.05
 *                ├───●──┼──┤ │    ╎                   better         … by how much is not sure
 *                       ╎    │    ╎  ├────●─────┤     worse
 *                       ╎    │ ├──┼───●───┤           worse
 *                       ╎  ├─┼────┼─●─────┤           inconclusive   could be none, or one that matters
 *               ├───────┼────┼●───┼─────────┤         inconclusive
 *
 * *Same* is the two one-sided tests procedure (Schuirmann 1987), asked of the interval that is drawn (95 % or
 * more) instead of the usual 90 %: stricter than it need be, but then one interval explains every verdict.
 *
 * @param estimate ratio or difference
 * @param interval of the ratio or difference
 * @param p of the test that the interval inverts, or adjusted for several metrics
 */
export function judge(metric: Metric, estimate: number, interval: Interval | null, p: number): Verdict {
  const margin = marginBounds(metric)
  if (interval === null) return 'not enough runs'
  if (interval.low > margin.low && interval.high < margin.high) return 'same'
  if (p >= ALPHA) return 'inconclusive'
  if (metric.direction === 'neutral') return 'changed'
  const higher = estimate > noChange(metric)
  return higher === (metric.direction === 'higher is better') ? 'better' : 'worse'
}
