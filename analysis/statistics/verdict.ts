import { marginBounds, SCALES, type Metric } from './metric'
import { ALPHA, type Interval } from './shift'

/**
 * `changed`: in either direction of a neutral metric. `same`: shown to differ by less than the margin, which
 * is more than failing to detect a difference. `not enough runs`: no difference could reach `p < ALPHA`.
 */
export type Verdict = 'better' | 'worse' | 'changed' | 'same' | 'inconclusive' | 'not enough runs'

/**
 * The first matching line decides. It shows "lower is better"; mirror it for "higher is better". A neutral
 * metric is *changed* where others are better or worse.
 *
 *                    1÷1.03  1  1.03
 *  (no interval)        ╎    │    ╎                   not enough runs
 *                       ╎ ├──┼●─┤ ╎                   same           whole interval inside the margin
 *                       ╎    │├●─┤╎                   same           significant, yet too small to matter
 *      ├─────●────┤     ╎    │    ╎                   better         interval excludes 1, that is p < 0.05
 *                ├───●──┼──┤ │    ╎                   better         … but by an uncertain amount
 *                       ╎    │    ╎  ├────●─────┤     worse
 *                       ╎    │ ├──┼───●───┤           worse
 *                       ╎  ├─┼────┼─●─────┤           inconclusive   may be none, or one that matters
 *               ├───────┼────┼●───┼─────────┤         inconclusive
 *
 * *Same* is the two one-sided tests procedure (Schuirmann 1987), with the interval that is drawn instead of
 * the usual 90%: stricter than necessary, but one interval then explains every verdict.
 *
 * @param p p-value of the test that the interval inverts, or adjusted for several metrics
 */
export function judge(metric: Metric, estimate: number, interval: Interval | null, p: number): Verdict {
  const margin = marginBounds(metric)
  if (interval === null) return 'not enough runs'
  if (interval.low > margin.low && interval.high < margin.high) return 'same'
  if (p >= ALPHA) return 'inconclusive'
  if (metric.direction === 'neutral') return 'changed'
  // The test leaves out ties, the estimate does not: where most blocks are alike, it has no direction.
  const { noChange } = SCALES[metric.scale]
  if (estimate === noChange) return 'inconclusive'
  const higher = estimate > noChange
  return higher === (metric.direction === 'higher is better') ? 'better' : 'worse'
}
