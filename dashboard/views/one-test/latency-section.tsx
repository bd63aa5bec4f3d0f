import { useMemo } from 'preact/hooks'
import { LatencyHistogram } from '../../charts/latency-histogram'
import type { Moment } from '../../model/moment'
import { firstMeasured, KIND_CHOICES, latencyCounts, type KindChoice } from '../../model/series'
import { Select } from './select'

interface LatencySectionProps {
  moment: Moment
  kind: KindChoice
  onKind: (kind: KindChoice) => void
}

export function LatencySection({ moment, kind, onKind }: LatencySectionProps) {
  const { model, timeline, count } = moment
  // During the warm-up there is nothing else to show.
  const first = firstMeasured(model) < count ? firstMeasured(model) : 0
  const counts = useMemo(() => latencyCounts(timeline, kind, first, count), [moment, kind])
  const exact = moment.summary?.latency[kind] ?? undefined
  return (
    <section aria-labelledby="latency">
      <div class="heading">
        <h2 id="latency">Latency</h2>
        <Select label="of" value={kind} options={KIND_CHOICES} onChange={onKind} />
      </div>
      <LatencyHistogram counts={counts} exact={exact && [exact.p50, exact.p95, exact.p99]} />
    </section>
  )
}
