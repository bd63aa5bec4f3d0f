/** Faults that Grafana would accept without an error. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { DASHBOARDS, queryOf } from './testing/dashboards'

/** In grafana/provisioning/datasources/. */
const DATASOURCES = [
  { type: 'influxdb', uid: 'peer-performance' },
  { type: 'prometheus', uid: 'peer-prometheus' }
]

/** Grafana's built-in variables; the rest must be variables of the dashboard. */
const MACROS = new Set(['timeFilter', '__interval', '__interval_ms', '__rate_interval', 'col'])
const COLUMNS = 24

for (const { file, dashboard } of DASHBOARDS) {
  describe(file, () => {
    const { panels } = dashboard
    const targets = panels.flatMap(({ targets }) => targets)

    it('gives each panel an id, a title and a query', () => {
      const ids = panels.map(({ id }) => id)
      assert.deepEqual(
        ids,
        panels.map((_, i) => i + 1)
      )
      for (const { title, targets } of panels) {
        assert.ok(title)
        assert.ok(targets.length > 0, title)
      }
    })

    it('gives the queries of a panel distinct ids', () => {
      for (const { title, targets } of panels) {
        const refIds = targets.map(({ refId }) => refId)
        assert.equal(new Set(refIds).size, refIds.length, title)
      }
    })

    it('places the panels on the grid without overlap', () => {
      const taken = new Map<string, string>()
      for (const { title, gridPos } of panels) {
        const { x, y, w, h } = gridPos
        assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= COLUMNS, title)
        for (let column = x; column < x + w; column++) {
          for (let row = y; row < y + h; row++) {
            const cell = `${column},${row}`
            assert.equal(taken.get(cell), undefined, `${title} lies over ${taken.get(cell)!}`)
            taken.set(cell, title)
          }
        }
      }
    })

    it('defines exactly the variables that it uses', () => {
      const queries = [
        ...targets.flatMap((target) => [queryOf(target), target.alias ?? '']),
        ...dashboard.annotations.list.map(({ target }) => queryOf(target)),
        ...dashboard.templating.list.map(({ query }) => query)
      ]
      const used = new Set(
        queries.flatMap((query) => [...query.matchAll(/\$(\w+)/g)].map(([, name]) => name!))
      )
      const unknown = [...used].filter((name) => !MACROS.has(name) && !name.startsWith('tag_'))
      assert.deepEqual(unknown.sort(), dashboard.templating.list.map(({ name }) => name).sort())
    })

    it('offers what its panels can show', () => {
      const measurementsOf = (query: string) => [...query.matchAll(/ FROM "(\w+)"/g)].map(([, name]) => name)
      const shown = new Set(targets.flatMap((target) => measurementsOf(queryOf(target))))
      for (const { name, query } of dashboard.templating.list)
        for (const measurement of measurementsOf(query))
          assert.ok(shown.has(measurement), `${name}: ${query}`)
    })

    it('hides no clock that is behind, and no place', () => {
      const signed = panels.filter(({ targets }) =>
        /clock_offset|position_x/.test(targets.map(queryOf).join())
      )
      for (const { title, fieldConfig } of signed) assert.equal(fieldConfig?.defaults.min, undefined, title)
    })

    it('asks one provisioned datasource', () => {
      const sources = [
        ...panels.map(({ datasource }) => datasource),
        ...targets.map(({ datasource }) => datasource),
        ...dashboard.templating.list.map(({ datasource }) => datasource),
        ...dashboard.annotations.list.map(({ datasource }) => datasource)
      ]
      const own = DATASOURCES.find(({ uid }) => uid === sources[0]!.uid)
      for (const source of sources) assert.deepEqual(source, own)
    })
  })
}

describe('grafana/', () => {
  it('has dashboards with distinct uids and titles', () => {
    for (const field of ['uid', 'title'] as const) {
      assert.equal(
        new Set(DASHBOARDS.map(({ dashboard }) => dashboard[field])).size,
        DASHBOARDS.length,
        field
      )
    }
  })

  it('provisions the datasources under the uids that the dashboards use', async () => {
    const read = async (path: string) =>
      parse(await readFile(join(__dirname, 'provisioning', path), 'utf8')) as unknown
    for (const { uid, type } of DATASOURCES) {
      const { datasources } = (await read(`datasources/${type}.yaml`)) as { datasources: typeof DATASOURCES }
      assert.deepEqual(
        datasources.map((each) => [each.uid, each.type]),
        [[uid, type]]
      )
    }
    const { providers } = (await read('dashboards/dashboards.yaml')) as {
      providers: { options: { path: string } }[]
    }
    assert.equal(providers[0]!.options.path, '/var/lib/grafana/dashboards')
  })
})
