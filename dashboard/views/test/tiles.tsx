/** The test in six numbers: of the last ten seconds while it runs, of the measured time once it is finished. */
import { amount, bytes, count, duration, milliseconds, percent, UNKNOWN } from '../../charts/format'
import { MESSAGE_KINDS } from '../../../protocol/names'
import { percentilesOf } from '../../model/latency-bins'
import type { Moment } from '../../model/moment'
import {
  deliveryBetween,
  firstMeasured,
  latencyCounts,
  linksPerPeer,
  peersReporting
} from '../../model/series'

const RECENT = 10_000

interface Figure {
  name: string
  value: string
  detail: string
}

export function Tiles({ moment }: { moment: Moment }) {
  const whole = moment.model.summary !== undefined && moment.at >= moment.model.latest
  return (
    <dl class="tiles">
      {figuresOf(moment, whole).map(({ name, value, detail }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b>
            <span>{detail}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function figuresOf({ model, timeline, count: end, at, span }: Moment, whole: boolean): Figure[] {
  const { grid, totals } = timeline
  const recent = Math.max(0, end - Math.max(1, Math.ceil(RECENT / grid.width)))
  const first = whole ? Math.min(firstMeasured(model), Math.max(0, end - 1)) : recent
  const over = whole ? 'in the measured time' : 'in the last 10 s'

  const sum = (column: Float32Array) => column.subarray(first, end).reduce((total, value) => total + value, 0)
  const kinds = (name: 'sent' | 'received' | 'duplicates') =>
    MESSAGE_KINDS.reduce((total, kind) => total + sum(totals[`${name}.${kind}`]), 0)
  const seconds = sum(totals.coverage) / 1000
  const received = kinds('received')
  const [p50, p95] = percentilesOf(latencyCounts(timeline, 'position', first, end), [50, 95])
  const last = end - 1
  const { summary } = model

  return [
    {
      name: 'Delivery',
      value: percent(whole ? summary!.delivery.all : deliveryBetween(totals, 'all', first, end)),
      detail: over
    },
    {
      name: 'Latency p95',
      value: milliseconds(whole ? summary!.latency.position?.p95 : p95),
      detail: `position; p50 ${milliseconds(whole ? summary!.latency.position?.p50 : p50)}`
    },
    {
      name: 'Messages',
      value: `${amount(received / seconds)}/s`,
      detail: `received; ${amount(kinds('sent') / seconds)}/s sent`
    },
    {
      name: 'Duplicates',
      value: percent(
        whole ? summary!.duplicateRatio.all : received > 0 ? kinds('duplicates') / received : null
      ),
      detail: 'per message received'
    },
    {
      name: 'Peers',
      value: count(last < 0 ? model.peers.size : peersReporting(totals)(last)),
      detail: last < 0 ? UNKNOWN : `${amount(linksPerPeer(totals)(last))} connections each`
    },
    {
      name: 'Traffic',
      value: `${bytes(sum(totals.bytesReceived) / seconds)}/s`,
      detail: 'received by all peers'
    },
    {
      name: 'Elapsed',
      value: duration(Math.max(0, at - grid.origin) / 1000),
      detail: model.state?.finished === true ? `of ${duration(span)}` : plannedOf(model.state?.duration)
    }
  ]
}

const plannedOf = (seconds: number | undefined) =>
  seconds === undefined ? 'open end' : `of ${duration(seconds)}`
