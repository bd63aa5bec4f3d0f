/** Several simulations next to each other: one row per seed. */
import { formatMetric } from '../analysis/format'
import { table } from '../analysis/text'
import type { Outcome } from './simulate'

export function seedsTable(outcomes: readonly Outcome[]): string {
  const head = [
    'seed',
    'links',
    'delivery',
    'packets',
    'packets/message',
    'duplicates',
    'hops p95',
    'validity'
  ]
  return table(
    head,
    outcomes.map(({ document: { seed, summary } }) => {
      const { provenance, delivery, wire, duplicates, hops, verdict } = summary!
      return [
        String(seed),
        String(provenance.edges.length),
        formatMetric(delivery.all, 'ratio'),
        formatMetric(wire.packetsReceived, 'count'),
        (wire.packetsPerMessage ?? NaN).toFixed(3),
        formatMetric(duplicates.all, 'count'),
        hops === null ? '–' : String(hops.p95),
        verdict
      ]
    })
  )
}
