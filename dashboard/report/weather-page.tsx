/** A weather map as one HTML file: criteria by networks, and below it the comparison of each network. */
import { settingFacts } from '../../analysis/comparison/heading'
import { arrangementSentence } from '../../analysis/comparison/sentences'
import {
  chanceSentence,
  WEATHER_LEGEND,
  weatherRows,
  type WeatherMap,
  type WeatherResult
} from '../../analysis/comparison/weather-map'
import type { GateRow } from '../../analysis/gate/sentences'
import { counted, UNKNOWN, utcTime } from '../../analysis/format'
import { HeadingFacts, ProvenanceTable } from '../pictures/comparison-body'
import { MetricsTable } from '../pictures/comparison-metrics'
import { GateSection } from '../pictures/gate-section'
import { Table, VerdictChip, type Content } from '../pictures/parts'
import { renderPage } from './page'

export function weatherPage(map: WeatherMap): string {
  const { id, madeAt, baseline, candidate, plannedBlocks, verdict, weathers } = map
  const first = weathers.find(({ comparison }) => comparison !== null)?.comparison
  return renderPage(
    `Weather map ${id}`,
    <main>
      <h1>
        Weather map {id} <VerdictChip verdict={verdict} />
      </h1>
      <p class="lead">
        <span class="candidate-text">{candidate}</span> against <span class="baseline-text">{baseline}</span>,
        under {counted(weathers.length, 'network')}
      </p>
      <p class="muted">
        {[
          utcTime(madeAt),
          ...(first ? settingFacts(first.setting) : []),
          `up to ${plannedBlocks} blocks for each network`
        ].join(' · ')}
      </p>
      <Table
        caption="Verdicts of the release gate by network"
        columns={[{ title: 'Criterion' }, ...weathers.map(({ name }) => ({ title: name }))]}
        rows={[
          [
            <strong>all</strong>,
            ...weathers.map(({ gate }) => (gate ? <VerdictChip verdict={gate.verdict} /> : UNKNOWN))
          ],
          ...weatherRows(weathers).map(({ criterion, metric, cells }): Content[] => [
            <>
              <strong>{criterion}</strong>
              <br />
              <span class="muted">{metric}</span>
            </>,
            ...cells.map(cell)
          ])
        ]}
      />
      <p class="muted">{WEATHER_LEGEND}</p>
      <p class="muted">{chanceSentence(weathers)}</p>
      <h2>Networks</h2>
      {weathers.map((weather) => (
        <Weather key={weather.name} weather={weather} />
      ))}
    </main>
  )
}

function Weather({ weather }: { weather: WeatherResult }) {
  const { name, network, id, gate, comparison, trouble } = weather
  return (
    <details class="section">
      <summary>
        <strong>{name}</strong> {network !== name && <code>{network}</code>}{' '}
        {gate ? <VerdictChip verdict={gate.verdict} /> : <span class="muted">{trouble}</span>}
      </summary>
      {gate && trouble !== null && <p>{trouble}</p>}
      {comparison && <HeadingFacts heading={comparison.heading} stopped={comparison.stopped} />}
      {gate && <GateSection gate={gate} />}
      {comparison && (
        <>
          <h2>Metrics, for exploring</h2>
          <MetricsTable comparison={comparison} />
          <p>{arrangementSentence(comparison)}</p>
          <h2>Provenance</h2>
          <ProvenanceTable comparison={comparison} />
        </>
      )}
      <p class="muted">
        Comparison <code>{id}</code>
      </p>
    </details>
  )
}

function cell(row: GateRow | null): Content {
  if (!row) return UNKNOWN
  return (
    <span class="whole">
      <VerdictChip verdict={row.result} />
      <br />
      {row.change}
      <br />
      <span class="muted">({row.limit})</span>
    </span>
  )
}
