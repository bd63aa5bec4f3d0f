/** The line of a metric over commits as one HTML file. */
import type { Point } from '../../analysis/comparison/track'
import { numberColumn, Table } from '../pictures/parts'
import { RunPlot, type RunDot } from '../pictures/plots'
import { renderPage } from './page'

const LEGEND =
  'All known changes so far: each commit is compared with its parent. Coloured as a candidate: the commit moved the metric. Not joined: a change in between is unknown'

export function trackPage(metric: string, points: readonly Point[]): string {
  const dots = points.flatMap(({ level, name, change, moved }, column): RunDot[] => {
    if (level === null) return []
    const kind = moved === '' ? 'baseline' : 'candidate'
    return [{ value: level, column, offset: 0, kind, title: `${name}: ${change} ${moved}` }]
  })
  const links = dots.flatMap((dot, index) => {
    const before = dots[index - 1]
    if (before?.column !== dot.column - 1 || points[dot.column]!.isAfterGap) return []
    return [[before, dot] as const]
  })
  return renderPage(
    metric,
    <main>
      <h1>{metric}</h1>
      <figure style="max-width:640px">
        {dots.length > 0 && (
          <RunPlot
            label={`${metric} over commits`}
            columns={points.map(() => '')}
            dots={dots}
            links={links}
            // A level is near 1, and what moves it may be a thousandth.
            format={(level) => String(Number(level.toPrecision(6)))}
          />
        )}
        <figcaption>{dots.length > 0 ? LEGEND : 'not known'}</figcaption>
      </figure>
      <Table
        caption={`${metric}, oldest commit first; …: commits before it are missing`}
        columns={[
          { title: 'Commit', kind: 'prose' },
          ...['Value', 'Change'].map(numberColumn),
          { title: 'Moved' }
        ]}
        rows={points.map(({ name, value, change, moved }) => [name, value, change, moved])}
      />
    </main>
  )
}
