import { dashboard, testChoice } from './frame'
import { delivery, lines, ofEachKind, overall, overTime, perSecond, table } from './influxql'
import { rows, timeSeries } from './panels'

const BOTH = { from: 'peer_metrics', where: `("test" = '$baseline' OR "test" = '$candidate')` } as const
const RUNNERS = { ...BOTH, from: 'runner_metrics' } as const

const eachTest = (columns: string) => lines(overTime(columns, BOTH, '"test"'), '$tag_test $col')

export const compareTwoTests = () =>
  dashboard({
    uid: 'peer-compare',
    title: 'Compare two tests',
    description:
      'Two tests side by side. A difference between two runs proves nothing: npm run compare gives a verdict, with intervals.',
    variables: [testChoice('baseline', 'Baseline'), testChoice('candidate', 'Candidate')],
    tests: ['baseline', 'candidate'],
    panels: [
      rows({
        title: 'Over the whole time',
        description:
          'A difference between two runs proves nothing: npm run compare gives a verdict, with intervals.',
        targets: [
          table(
            overall(
              'sum("position_received") AS "positions received", sum("position_duplicates") / sum("position_received") AS "duplicates per position", median("position_latency_p50") AS "median peer p50, ms", median("position_latency_p95") AS "median peer p95, ms", max("position_latency_p99") AS "worst peer p99, ms", sum("wire_received") / (sum("position_received") + sum("profile_received") + sum("chat_received")) AS "packets per message", mean("connected_peers") AS "connections", max("tick_lateness_p95") AS "worst tick lateness p95, ms"',
              BOTH,
              '"test"'
            )
          )
        ]
      }),
      rows({
        title: 'Delivery',
        description: 'An estimate: the summary counts exactly.',
        unit: 'percentunit',
        width: 12,
        targets: [table(delivery(BOTH, '', '"test"'))]
      }),
      rows({
        title: 'Machines',
        width: 12,
        targets: [
          table(
            overall(
              'max("cpu_usage") AS "busiest CPU", max("throttled") AS "most throttled", max("memory_browser") AS "browser memory, bytes"',
              RUNNERS,
              '"test"'
            )
          )
        ]
      }),
      timeSeries({
        title: 'Messages received per second',
        width: 12,
        targets: [eachTest(ofEachKind((kind) => perSecond(`${kind}_received`)))]
      }),
      timeSeries({
        title: 'Latency of positions',
        unit: 'ms',
        width: 12,
        targets: [
          eachTest(
            'median("position_latency_p50") AS "median peer p50", max("position_latency_p95") AS "worst peer p95"'
          )
        ]
      }),
      timeSeries({
        title: 'Duplicates per second',
        width: 12,
        targets: [eachTest(`${perSecond('position_duplicates')} AS "duplicates"`)]
      }),
      timeSeries({
        title: 'Bytes received per second',
        unit: 'Bps',
        width: 12,
        targets: [eachTest(`${perSecond('wire_received_bytes')} AS "received"`)]
      })
    ]
  })
