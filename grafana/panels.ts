/** The three kinds of panel, with the same style in all dashboards. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  GraphThresholdsStyleConfigBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder
} from '@grafana/grafana-foundation-sdk/common'
import {
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { DATASOURCE, targetBuilder, type Target } from './influxql'

export interface PanelSpec {
  title: string
  description?: string
  /** Grafana's name for the unit, such as percentunit or ms. */
  unit?: string
  targets: Target[]
  /** The limit of a validity rule, drawn as a dashed line. */
  bound?: number
  min?: number
  max?: number
  /** Columns of the 24-column grid. */
  width?: number
}

/** Peers submit every 2 s: a shorter interval would contain reports of only some peers. */
const SHORTEST_INTERVAL = '10s'

type AnyPanelBuilder = Builder<Panel> & { id(id: number): AnyPanelBuilder }

export function timeSeries(spec: PanelSpec): AnyPanelBuilder {
  const panel = new TimeSeriesBuilder()
    .height(8)
    .span(spec.width ?? 8)
    .interval(SHORTEST_INTERVAL)
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(6)
    .showPoints(VisibilityMode.Auto)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .min(spec.min ?? 0)
  if (spec.max !== undefined) panel.max(spec.max)
  if (spec.bound !== undefined) {
    panel
      .thresholds(thresholdAt(spec.bound))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  }
  return filled(panel, spec)
}

export function stat(spec: PanelSpec): AnyPanelBuilder {
  const panel = new StatBuilder()
    .height(4)
    .span(spec.width ?? 4)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  return filled(panel, spec)
}

export function rows(spec: PanelSpec): AnyPanelBuilder {
  return filled(
    new TableBuilder()
      .height(9)
      .span(spec.width ?? 24)
      .withTransformation({ id: 'organize', options: { excludeByName: { Time: true } } }),
    spec
  )
}

function filled<P extends TimeSeriesBuilder | StatBuilder | TableBuilder>(panel: P, spec: PanelSpec): P {
  panel.title(spec.title).datasource(DATASOURCE)
  if (spec.description !== undefined) panel.description(spec.description)
  if (spec.unit !== undefined) panel.unit(spec.unit)
  panel.targets(spec.targets.map(targetBuilder))
  return panel
}

function thresholdAt(bound: number): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: 'transparent' },
    { value: bound, color: 'red' }
  ])
}
