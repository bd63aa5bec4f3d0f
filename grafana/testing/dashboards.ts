/** The exported dashboards: what Grafana reads of them, as far as the tests look at it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Datasource {
  type: string
  uid: string
}

export interface Query {
  refId: string
  datasource: Datasource
  /** InfluxQL, or PromQL. */
  query?: string
  expr?: string
  alias?: string
}

export interface Dashboard {
  uid: string
  title: string
  panels: {
    id: number
    title: string
    datasource: Datasource
    gridPos: { x: number; y: number; w: number; h: number }
    targets: Query[]
    fieldConfig?: { defaults: { min?: number } }
  }[]
  annotations: { list: { name: string; datasource: Datasource; target: Query }[] }
  templating: { list: { name: string; query: string; multi?: boolean; datasource: Datasource }[] }
}

export const queryOf = ({ query, expr }: Query) => query ?? expr!

const FOLDER = join(__dirname, '../dashboards')

export const DASHBOARDS: readonly { file: string; dashboard: Dashboard }[] = readdirSync(FOLDER)
  .sort()
  .map((file) => ({ file, dashboard: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard }))

export const dashboardsOn = (type: 'influxdb' | 'prometheus') =>
  DASHBOARDS.filter(({ dashboard }) => dashboard.panels[0]!.datasource.type === type)
