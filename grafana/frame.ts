// The format that every Grafana loads from files; its successor needs Grafana 12.
/* eslint-disable @typescript-eslint/no-deprecated */
/** What all dashboards share: the test variable, annotations for start and end, and links to each other. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type Panel
} from '@grafana/grafana-foundation-sdk/dashboard'
import { asBuilder, DATASOURCE } from './influxql'

const TAG = 'peer-performance'

export type ClassicDashboard = Dashboard

export interface DashboardSpec {
  uid: string
  title: string
  description: string
  variables: QueryVariableBuilder[]
  /** Names of the variables that select a test. */
  tests: string[]
  panels: (Builder<Panel> & { id(id: number): Builder<Panel> })[]
}

export function dashboard(spec: DashboardSpec): ClassicDashboard {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .annotation(testEvents(spec.tests))
    .link(
      new DashboardLinkBuilder('Peer performance')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true)
        .asDropdown(true)
    )
  for (const variable of spec.variables) builder.withVariable(variable)
  spec.panels.forEach((panel, index) => builder.withPanel(panel.id(index + 1)))
  return builder.build()
}

/** A variable whose choices come from InfluxDB. */
export function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .definition(query)
    .datasource(DATASOURCE)
    .hide(VariableHide.DontHide)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
}

export const testChoice = (name = 'test', label = 'Test') =>
  choice(name, label, 'SHOW TAG VALUES FROM "peer_metrics" WITH KEY = "test"')

function testEvents(variables: string[]): AnnotationQueryBuilder {
  const where = variables.map((name) => `"test" = '$${name}'`).join(' OR ')
  const target = {
    refId: 'Events',
    datasource: DATASOURCE,
    rawQuery: true,
    resultFormat: 'table',
    query: `SELECT "title", "text", "event" FROM "test_events" WHERE (${where}) AND $timeFilter`,
    fromAnnotations: true,
    titleColumn: 'title',
    textColumn: 'text',
    tagsColumn: 'event'
  } as const
  return new AnnotationQueryBuilder()
    .name('Test events')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('blue')
    .target(asBuilder(target))
}
