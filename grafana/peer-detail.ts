import { choice, dashboard, testChoice } from './frame'
import { lines, ofEachKind, overall, overTime, perSecond, table } from './influxql'
import { rows, timeSeries } from './panels'

const PEER = { from: 'peer_metrics', where: `"test" = '$test' AND "peer" = '$peer'` } as const

export const peerDetail = () =>
  dashboard({
    uid: 'peer-detail',
    title: 'Peer detail',
    description: 'What one peer of a test did.',
    variables: [
      testChoice(),
      choice('peer', 'Peer', `SHOW TAG VALUES FROM "peer_metrics" WITH KEY = "peer" WHERE "test" = '$test'`)
    ],
    tests: ['test'],
    panels: [
      timeSeries({
        title: 'Messages received per second',
        targets: [
          lines(
            overTime(
              ofEachKind((kind) => perSecond(`${kind}_received`)),
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Messages sent per second',
        targets: [
          lines(
            overTime(
              ofEachKind((kind) => perSecond(`${kind}_sent`)),
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Latency of received positions',
        description: 'Each point shows the worst of its intervals.',
        unit: 'ms',
        targets: [
          lines(
            overTime(
              ['p50', 'p95', 'p99', 'max']
                .map((name) => `max("position_latency_${name}") AS "${name}"`)
                .join(', '),
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Duplicates per second',
        targets: [
          lines(
            overTime(
              ofEachKind((kind) => perSecond(`${kind}_duplicates`)),
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Packets per second, counted by the library',
        unit: 'pps',
        targets: [
          lines(
            overTime(
              ['sent', 'received', 'relayed', 'relevant', 'duplicate', 'expired']
                .map((name) => `${perSecond(name)} AS "${name}"`)
                .join(', '),
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Bytes on its data channels per second',
        unit: 'Bps',
        targets: [
          lines(
            overTime(
              `${perSecond('wire_received_bytes')} AS "received", ${perSecond('wire_sent_bytes')} AS "sent"`,
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Connections',
        targets: [
          lines(
            overTime(
              'last("connected_peers") AS "connected", last("connections_open") AS "open", last("connections_created") AS "created so far", last("known_peers_count") AS "known peers"',
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Messages by number of relays',
        description: 'First arrivals, direct or relayed. Empty if the build does not say.',
        targets: [
          lines(
            overTime(
              `${perSecond('hops_direct')} AS "direct", ${perSecond('hops_relayed')} AS "relayed"`,
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Tick lateness',
        unit: 'ms',
        bound: 50,
        targets: [
          lines(
            overTime(
              ['p50', 'p95', 'max'].map((name) => `max("tick_lateness_${name}") AS "${name}"`).join(', '),
              PEER
            )
          )
        ]
      }),
      timeSeries({
        title: 'Clock',
        description: 'Offset to the results server.',
        unit: 'ms',
        min: -10,
        targets: [lines(overTime('mean("clock_offset") AS "offset", max("clock_error") AS "error"', PEER))]
      }),
      timeSeries({
        title: 'Position',
        unit: 'lengthm',
        min: -100,
        targets: [
          lines(
            overTime(['x', 'y', 'z'].map((axis) => `last("position_${axis}") AS "${axis}"`).join(', '), PEER)
          )
        ]
      }),
      timeSeries({
        title: 'Send errors',
        targets: [lines(overTime('sum("send_errors") AS "errors"', PEER))]
      }),
      rows({
        title: 'Builds and routines',
        targets: [table(overall('count("sent") AS "data points"', PEER, '"library", "routine"'))]
      })
    ]
  })
