import { choice, dashboard, testChoice } from './frame'
import { lines, overall, overTime, table } from './influxql'
import { rows, timeSeries } from './panels'

const RUNNERS = { from: 'runner_metrics', where: `"test" = '$test' AND "runner" =~ /^$runner$/` } as const

/** One line per runner. */
const byRunner = (column: string) => lines(overTime(column, RUNNERS, '"runner"'), '$tag_runner')

export const runners = () =>
  dashboard({
    uid: 'peer-runners',
    title: 'Runners',
    description: 'Whether the machines that run the peers were fit to measure.',
    variables: [
      testChoice(),
      choice(
        'runner',
        'Runner',
        `SHOW TAG VALUES FROM "runner_metrics" WITH KEY = "runner" WHERE "test" = '$test'`
      )
        .multi(true)
        .includeAll(true)
    ],
    tests: ['test'],
    panels: [
      timeSeries({
        title: 'CPU',
        description: 'Share of the available cores. Above 90 % the machine is the bottleneck.',
        unit: 'percentunit',
        bound: 0.9,
        max: 1,
        targets: [byRunner('mean("cpu_usage")')]
      }),
      timeSeries({
        title: 'Throttled',
        description: 'Share of scheduler periods in which the cgroup was throttled.',
        unit: 'percentunit',
        max: 1,
        targets: [byRunner('max("throttled")')]
      }),
      timeSeries({
        title: 'Cores used by the browser',
        targets: [byRunner('sum("browser_cpu_ms") / sum("interval_ms")')]
      }),
      timeSeries({
        title: 'Memory used',
        unit: 'bytes',
        targets: [byRunner('max("memory_used")')]
      }),
      timeSeries({
        title: 'Browser memory',
        unit: 'bytes',
        targets: [byRunner('max("memory_browser")')]
      }),
      timeSeries({
        title: 'Memory used, share of the total',
        unit: 'percentunit',
        max: 1,
        targets: [byRunner('max("memory_used") / max("memory_limit")')]
      }),
      timeSeries({
        title: 'Peers ready',
        targets: [byRunner('last("peers_ready")')]
      }),
      timeSeries({
        title: 'Tabs open',
        targets: [byRunner('last("tabs_open")')]
      }),
      timeSeries({
        title: 'Tabs crashed, and page errors',
        targets: [
          lines(overTime('last("tabs_crashed")', RUNNERS, '"runner"'), '$tag_runner crashed'),
          lines(overTime('sum("errors")', RUNNERS, '"runner"'), '$tag_runner errors')
        ]
      }),
      rows({
        title: 'Runners',
        targets: [
          table(
            overall(
              'last("state") AS "state", last("cpu_cores") AS "cores", last("peers_wanted") AS "peers wanted", last("peers_ready") AS "ready", last("peers_done") AS "done", last("tabs_open") AS "tabs", last("tabs_crashed") AS "crashed"',
              RUNNERS,
              '"runner"'
            )
          )
        ]
      })
    ]
  })
