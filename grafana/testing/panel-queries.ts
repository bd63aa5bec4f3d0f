/** Runs the queries that Grafana would run for a dashboard, with each choice of its variables. */
import { queryOf, type Dashboard } from './dashboards'

export interface Asked {
  what: string
  query: string
  /** Values other than times and nulls. */
  values: unknown[]
}

type Choices = Record<string, string[]>
type Variable = Dashboard['templating']['list'][number]

/**
 * Runs every query of the dashboard with every combination of choices.
 * @param range the range of the time picker, in ms
 */
export async function askAll(
  influxUrl: string,
  database: string,
  dashboard: Dashboard,
  range: { from: number; until: number }
): Promise<Asked[]> {
  const ask = (query: string) => askInflux(influxUrl, database, query)
  const asked: Asked[] = []
  const askOne = async (what: string, query: string) => {
    const values = (await ask(query)).flatMap(({ values }) => values)
    const known = values.flatMap((row) => row.slice(1)).filter((value) => value !== null)
    asked.push({ what, query, values: known })
  }
  for (const choices of await combinations(dashboard.templating.list, async (query) =>
    (await ask(query)).flatMap(({ values }) => values.map((row) => String(row[1])))
  )) {
    const fill = (query: string) => interpolate(query, choices, range)
    const named = Object.values(choices).join(' ')
    for (const { title, targets } of dashboard.panels) {
      for (const target of targets) {
        await askOne(`${dashboard.title} / ${title} / ${target.refId} / ${named}`, fill(queryOf(target)))
      }
    }
    for (const { name, target } of dashboard.annotations.list) {
      await askOne(`${dashboard.title} / ${name} / ${named}`, fill(queryOf(target)))
    }
  }
  return asked
}

/**
 * A variable's choices may depend on an earlier variable. A multi-value variable is tried with each value,
 * and with all of them.
 */
async function combinations(
  [first, ...rest]: Variable[],
  choicesOf: (query: string) => Promise<string[]>,
  chosen: Choices = {}
): Promise<Choices[]> {
  if (first === undefined) return [chosen]
  const values = await choicesOf(interpolate(first.query, chosen))
  if (values.length === 0) throw new Error(`No choice for ${first.name}: ${first.query}`)
  const sets = values.map((value) => [value])
  if (first.multi) sets.push(values)
  const all: Choices[] = []
  for (const set of sets) all.push(...(await combinations(rest, choicesOf, { ...chosen, [first.name]: set })))
  return all
}

/** Interpolates a query as Grafana's InfluxDB datasource does. */
function interpolate(query: string, choices: Choices, range?: { from: number; until: number }): string {
  return query.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    if (name === 'timeFilter' && range) return `time >= ${range.from}ms and time <= ${range.until}ms`
    if (name === '__interval') return '10s'
    if (name === '__interval_ms') return '10000'
    const values = choices[name]
    if (values === undefined) throw new Error(`Nothing is known of ${whole} in ${query}`)
    return values.length === 1 ? values[0]! : `(${values.join('|')})`
  })
}

interface Rows {
  values: (string | number | null)[][]
}

async function askInflux(url: string, database: string, query: string): Promise<Rows[]> {
  const parameters = new URLSearchParams({ db: database, epoch: 'ms', q: query })
  const response = await fetch(`${url}/query?${parameters.toString()}`)
  const answer = (await response.json()) as {
    error?: string
    results?: { series?: Rows[]; error?: string }[]
  }
  const error = answer.error ?? answer.results?.[0]?.error
  if (error !== undefined) throw new Error(`${error}: ${query}`)
  return answer.results?.[0]?.series ?? []
}
