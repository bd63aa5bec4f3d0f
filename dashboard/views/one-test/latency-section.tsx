import { useMemo } from 'preact/hooks'
import { KINDS } from '../../../analysis/summary/figures'
import { LatencyHistogram } from '../../charts/latency-histogram'
import { latencyCounts } from '../../model/series'
import type { KindProps } from './over-time'
import { Select } from './select'

export function LatencySection({ moment, kind, onKind }: KindProps) {
  const { timeline, measured, count, summary } = moment
  const counts = useMemo(() => latencyCounts(timeline, kind, measured, count), [moment, kind])
  return (
    <section aria-labelledby="latency">
      <div class="heading">
        <h2 id="latency">Latency</h2>
        <Select label="of" value={kind} options={KINDS} onChange={onKind} />
      </div>
      <LatencyHistogram counts={counts} exact={summary?.latency[kind]} />
    </section>
  )
}
