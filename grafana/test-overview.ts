import { dashboard, testChoice } from './frame'
import { delivery, lines, ofEachKind, overall, overTime, perSecond, table } from './influxql'
import { rows, stat, timeSeries } from './panels'

const PEERS = { from: 'peer_metrics', where: `"test" = '$test'` } as const
const RUNNERS = { from: 'runner_metrics', where: `"test" = '$test'` } as const

const WORST = 'Percentiles of peers cannot be averaged: this is the worst peer, and the one in the middle.'

export const testOverview = () =>
  dashboard({
    uid: 'peer-test-overview',
    title: 'Test overview',
    description: 'What the mesh of one test did, all peers together.',
    variables: [testChoice()],
    tests: ['test'],
    panels: [
      stat({
        title: 'Peers',
        targets: [
          table(
            'SELECT count("n") FROM (SELECT count("connected_peers") AS "n" FROM "peer_metrics" WHERE "test" = \'$test\' AND $timeFilter GROUP BY "peer") WHERE $timeFilter'
          )
        ]
      }),
      stat({
        title: 'Delivery, whole test',
        description: 'An estimate: the summary counts exactly.',
        unit: 'percentunit',
        targets: [table(delivery(PEERS, ''))]
      }),
      stat({
        title: 'Worst peer’s latency p95',
        unit: 'ms',
        targets: [table(overall('max("position_latency_p95")', PEERS))]
      }),
      stat({
        title: 'Duplicates per position',
        targets: [table(overall('sum("position_duplicates") / sum("position_received")', PEERS))]
      }),
      stat({
        title: 'Worst tick lateness p95',
        unit: 'ms',
        targets: [table(overall('max("tick_lateness_p95")', PEERS))]
      }),
      stat({
        title: 'Busiest runner',
        unit: 'percentunit',
        targets: [table(overall('max("cpu_usage")', RUNNERS))]
      }),
      timeSeries({
        title: 'Messages received per second',
        unit: 'short',
        targets: [
          lines(
            overTime(
              ofEachKind((kind) => perSecond(`${kind}_received`)),
              PEERS
            )
          ),
          lines(
            overTime(
              ofEachKind((kind) => perSecond(`${kind}_sent`)),
              PEERS
            ),
            '$col sent'
          )
        ]
      }),
      timeSeries({
        title: 'Delivery',
        description: 'Received ÷ owed. An estimate: the summary counts exactly.',
        unit: 'percentunit',
        targets: [lines(delivery(PEERS, 'time($__interval)'))]
      }),
      timeSeries({
        title: 'Latency of positions',
        description: WORST,
        unit: 'ms',
        targets: [
          lines(
            overTime(
              'median("position_latency_p50") AS "median peer p50", median("position_latency_p95") AS "median peer p95", max("position_latency_p95") AS "worst peer p95", max("position_latency_p99") AS "worst peer p99", max("position_latency_from_due_p95") AS "worst peer p95, from the due instant"',
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Latency of profiles and chat',
        description: WORST,
        unit: 'ms',
        targets: [
          lines(
            overTime(
              'median("profile_latency_p95") AS "profile, median peer p95", max("profile_latency_p95") AS "profile, worst peer p95", max("chat_latency_max") AS "chat, latest"',
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Duplicates per second',
        unit: 'short',
        targets: [
          lines(
            overTime(
              ofEachKind((kind) => perSecond(`${kind}_duplicates`)),
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Relayed, duplicate and expired packets per second',
        description: 'From the library’s own statistics.',
        unit: 'pps',
        targets: [
          lines(
            overTime(
              ['relayed', 'duplicate', 'expired'].map((name) => `${perSecond(name)} AS "${name}"`).join(', '),
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Peers reporting',
        targets: [
          lines(
            'SELECT count("n") AS "peers" FROM (SELECT count("connected_peers") AS "n" FROM "peer_metrics" WHERE "test" = \'$test\' AND $timeFilter GROUP BY time($__interval), "peer" fill(none)) WHERE $timeFilter GROUP BY time($__interval) fill(none)'
          )
        ]
      }),
      timeSeries({
        title: 'Connections per peer',
        targets: [
          lines(
            overTime(
              'min("connected_peers") AS "fewest", mean("connected_peers") AS "mean", max("connected_peers") AS "most"',
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Bytes on the data channels per second',
        unit: 'Bps',
        targets: [
          lines(
            overTime(
              `${perSecond('wire_received_bytes')} AS "received", ${perSecond('wire_sent_bytes')} AS "sent"`,
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Packets per message received',
        description: 'The overhead of the mesh.',
        targets: [
          lines(
            overTime(
              'sum("wire_received") / (sum("position_received") + sum("profile_received") + sum("chat_received")) AS "packets"',
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Tick lateness',
        description: 'Above 50 ms at p95 a page’s figures are not to be believed.',
        unit: 'ms',
        bound: 50,
        targets: [
          lines(
            overTime(
              'max("tick_lateness_p95") AS "worst page p95", max("tick_lateness_max") AS "latest tick"',
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'CPU by runner',
        unit: 'percentunit',
        bound: 0.9,
        max: 1,
        targets: [lines(overTime('mean("cpu_usage")', RUNNERS, '"runner"'), '$tag_runner')]
      }),
      timeSeries({
        title: 'Silent links',
        width: 6,
        description:
          'Nothing arrived for 3 s, not even a check of the path. Outages and partitions show here.',
        targets: [
          lines(overTime('sum("links_silent") AS "all peers", max("links_silent") AS "worst peer"', PEERS))
        ]
      }),
      timeSeries({
        title: 'Round trip of links',
        width: 6,
        description: WORST,
        unit: 'ms',
        targets: [
          lines(
            overTime(
              'median("links_round_trip_p50") AS "median peer p50", max("links_round_trip_p95") AS "worst peer p95"',
              PEERS
            )
          )
        ]
      }),
      timeSeries({
        title: 'Datagrams lost',
        width: 6,
        description: 'Sent but not received by any peer. With a long delay, includes those on their way.',
        unit: 'percentunit',
        targets: [
          lines(
            overTime('1 - sum("links_datagrams_received") / sum("links_datagrams_sent") AS "lost"', PEERS)
          )
        ]
      }),
      timeSeries({
        title: 'Bytes waiting in data channels',
        width: 6,
        description: 'A narrow or lossy line fills them.',
        unit: 'bytes',
        targets: [
          lines(overTime('max("links_buffered") AS "worst peer", mean("links_buffered") AS "mean"', PEERS))
        ]
      }),
      rows({
        title: 'Peers',
        targets: [
          table(
            overall(
              'sum("position_sent") AS "positions sent", sum("position_received") AS "received", sum("position_duplicates") AS "duplicates", max("position_latency_p95") AS "worst latency p95, ms", mean("connected_peers") AS "connections", sum("relayed") AS "relayed packets", max("tick_lateness_p95") AS "worst tick lateness p95, ms", max("clock_error") AS "clock error, ms", sum("send_errors") AS "send errors"',
              PEERS,
              '"peer"'
            )
          )
        ]
      })
    ]
  })
