import { useMemo } from 'preact/hooks'
import { LatencyHistogram } from '../../charts/latency-histogram'
import { KIND_CHOICES, latencyCounts } from '../../model/series'
import type { KindProps } from './over-time'
import { Select } from './select'

export function LatencySection({ moment, kind, onKind }: KindProps) {
  const { timeline, measured, count, summary } = moment
  const counts = useMemo(() => latencyCounts(timeline, kind, measured, count), [moment, kind])
  return (
    <section aria-labelledby="latency">
      <div class="heading">
        <h2 id="latency">Latency</h2>
        <Select label="of" value={kind} options={KIND_CHOICES} onChange={onKind} />
      </div>
      <LatencyHistogram counts={counts} exact={summary?.latency[kind]} />
    </section>
  )
}
