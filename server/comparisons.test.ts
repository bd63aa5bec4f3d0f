/** Which of the results folder's comparisons the server sends, and what it never sends. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, promises, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { comparisonDocument, pageOf, storeComparison, storeFiles } from './testing/comparisons'
import { temporaryFolder } from './testing/temporary-folder'
import { serve } from './testing/test-server'

async function serveFolder(t: TestContext) {
  const folder = temporaryFolder()
  const { url, client } = await serve(t, { folder })
  const get = (path: string) => fetch(url + path)
  const ids = async () => (await client.listComparisons()).map(({ id }) => id)
  return { folder, get, ids, client }
}

describe('GET /comparison', () => {
  it('is empty if nothing has been compared', async (t) => {
    const { ids } = await serveFolder(t)
    assert.deepEqual(await ids(), [])
  })

  it('does not take a comparison that it has no descriptor to read for none', async (t) => {
    const { folder, get, ids } = await serveFolder(t)
    storeComparison(folder, 'first')
    const open = t.mock.method(promises, 'open', () =>
      Promise.reject(Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }))
    )
    assert.equal((await get('/comparison')).status, 500)
    open.mock.restore()
    assert.deepEqual(await ids(), ['first'])
  })

  it('skips a comparison that cannot be read', async (t) => {
    const { folder, get, ids } = await serveFolder(t)
    storeComparison(folder, 'first')
    storeComparison(folder, 'second')
    const { open } = promises
    t.mock.method(promises, 'open', async (path: string, flags: number) => {
      const file = await open(path, flags)
      if (path.includes('first')) t.mock.method(file, 'readFile', () => Promise.reject(new Error('EIO')))
      return file
    })
    assert.deepEqual(await ids(), ['second'])
    assert.equal((await get('/comparison/first/report')).status, 404)
  })

  it('lists comparisons, histories and weather maps, newest first, and follows their changes', async (t) => {
    const { folder, client, ids } = await serveFolder(t)
    storeComparison(folder, 'first', 5)
    storeFiles(folder, 'versions', {
      'history.json': {
        id: 'versions',
        madeAt: 7,
        builds: ['a', 'b', 'c', 'd'],
        setting: {},
        incomplete: null,
        gates: [null, { verdict: 'pass' }, { verdict: 'undecided' }, { verdict: 'pass' }],
        // Small steps may add up.
        gatesSinceFirst: [null, null, { verdict: 'pass' }, { verdict: 'worse' }]
      },
      'history.html': pageOf('History versions')
    })
    storeFiles(folder, 'map', {
      'weather.json': {
        id: 'map',
        madeAt: 6,
        baseline: 'old',
        candidate: 'new',
        weathers: [
          { name: 'home', gate: { verdict: 'pass' } },
          { name: '3g', gate: null },
          { name: 'outage', gate: { verdict: 'worse', engine: 'simulation' } }
        ]
      },
      'weather.html': pageOf('Weather map map')
    })
    // A comparison that is still running or was never completed.
    storeFiles(folder, 'running', { 'campaign.json': { plan: { id: 'running' }, runs: [] } })
    assert.deepEqual(await client.listComparisons(), [
      {
        id: 'versions',
        kind: 'history',
        madeAt: 7,
        builds: ['a', 'b', 'c', 'd'],
        verdicts: ['pass', 'undecided', 'worse']
      },
      {
        id: 'map',
        kind: 'weather',
        madeAt: 6,
        engine: 'simulation',
        builds: ['old', 'new'],
        verdicts: ['pass', 'undecided', 'worse'],
        weathers: ['home', '3g', 'outage']
      },
      { id: 'first', kind: 'comparison', madeAt: 5, builds: ['old', 'new'], verdicts: ['worse'] }
    ])
    storeFiles(folder, 'virtual', {
      'comparison.json': {
        id: 'virtual',
        baseline: { name: 'old', provenance: { engine: 'simulation' } },
        stopped: 'stopped, 3 of 8 blocks',
        gate: { verdict: 'undecided' }
      }
    })
    storeFiles(folder, 'unusable', {
      'comparison.json': { id: 'unusable', gate: { verdict: 'undecided', engine: 'simulation' } }
    })
    const history = { builds: ['a', 'b'], setting: { engine: 'simulation' }, gates: [] }
    storeFiles(folder, 'row', {
      'history.json': { id: 'row', ...history, incomplete: 'It was stopped, 9 of 12 blocks.' }
    })
    storeFiles(folder, 'short', {
      'history.json': { id: 'short', ...history, incomplete: 'It ended early: a lost all' }
    })
    assert.deepEqual(
      (await client.listComparisons())
        .slice(-4)
        .map(({ id, engine, stopped, builds }) => [id, engine, stopped, builds]),
      [
        ['row', 'simulation', 'stopped, 9 of 12 blocks', ['a', 'b']],
        ['short', 'simulation', 'It ended early: a lost all', ['a', 'b']],
        ['unusable', 'simulation', undefined, []],
        ['virtual', 'simulation', 'stopped, 3 of 8 blocks', ['old']]
      ]
    )
    storeComparison(folder, 'first', 50)
    storeFiles(folder, 'running', {
      'comparison.json': { id: 'running', madeAt: 60, gate: { verdict: 'pass' } }
    })
    assert.deepEqual(await ids(), [
      'running',
      'first',
      'versions',
      'map',
      'row',
      'short',
      'unusable',
      'virtual'
    ])
  })
})

describe('GET /comparison/:comparisonId', () => {
  it('sends the document as a download, and the report as a page that runs no script', async (t) => {
    const { folder, get } = await serveFolder(t)
    storeComparison(folder, 'first')
    const document = await get('/comparison/first')
    assert.deepEqual(await document.json(), comparisonDocument('first'))
    assert.match(document.headers.get('content-type')!, /^application\/json/)
    assert.equal(document.headers.get('content-disposition'), 'attachment; filename="comparison-first.json"')
    const report = await get('/comparison/first/report')
    assert.equal(await report.text(), pageOf('Comparison first: worse'))
    assert.match(report.headers.get('content-type')!, /^text\/html/)
    assert.match(report.headers.get('content-disposition')!, /^inline; /)
    assert.match(report.headers.get('content-security-policy')!, /^sandbox; default-src 'none'/)
    assert.equal(report.headers.get('x-content-type-options'), 'nosniff')
  })

  it('sends the report of a weather map', async (t) => {
    const { folder, get } = await serveFolder(t)
    const map = { id: 'map', baseline: 'old', candidate: 'new', weathers: [] }
    const page = pageOf('Weather map map')
    storeFiles(folder, 'map', { 'weather.json': map, 'weather.html': page })
    const report = await get('/comparison/map/report')
    assert.equal(await report.text(), page)
    assert.equal(report.headers.get('content-disposition'), 'inline; filename="weather-map.html"')
  })

  const NOT_OURS: [string, (results: string, id: string) => void][] = [
    ['an unknown id', () => undefined],
    ['a folder without an outcome', (results, id) => storeFiles(results, id, { 'campaign.json': {} })],
    [
      'a document that is not JSON',
      (results, id) => storeFiles(results, id, { 'comparison.json': '{"id":' })
    ],
    [
      "another comparison's document",
      (results, id) => storeFiles(results, id, { 'comparison.json': comparisonDocument('x') })
    ],
    ["another program's JSON", (results, id) => storeFiles(results, id, { 'comparison.json': { id } })],
    [
      'a link to a document',
      (results, id) => {
        writeFileSync(join(results, 'elsewhere'), JSON.stringify(comparisonDocument(id)))
        symlinkSync(join(results, 'elsewhere'), join(storeFiles(results, id, {}), 'comparison.json'))
      }
    ],
    [
      'a link to a folder',
      (results, id) => {
        mkdirSync(join(results, 'comparisons'))
        mkdirSync(join(results, 'outside'))
        writeFileSync(join(results, 'outside', 'comparison.json'), JSON.stringify(comparisonDocument(id)))
        symlinkSync(join(results, 'outside'), join(results, 'comparisons', id))
      }
    ],
    [
      'a pipe',
      (results, id) => {
        execFileSync('mkfifo', [join(storeFiles(results, id, {}), 'comparison.json')])
      }
    ],
    [
      'a file that would fill the memory',
      (results, id) => {
        const document = JSON.stringify(comparisonDocument(id)).padEnd(17 << 20)
        storeFiles(results, id, { 'comparison.json': document })
      }
    ]
  ]
  for (const [what, make] of NOT_OURS)
    it(`neither lists nor sends ${what}`, async (t) => {
      const { folder, get, ids } = await serveFolder(t)
      make(folder, 'target')
      assert.deepEqual(await ids(), [])
      for (const path of ['/comparison/target', '/comparison/target/report']) {
        const answer = await get(path)
        assert.equal(answer.status, 404, path)
        assert.equal(((await answer.json()) as { error: string }).error, 'comparison-not-found')
      }
    })

  it('lists none that no call can name', async (t) => {
    const { folder, ids } = await serveFolder(t)
    for (const id of ['a copy', 'a.b', 'x'.repeat(65), 'right']) storeComparison(folder, id)
    assert.deepEqual(await ids(), ['right'])
  })

  it('sends no page except the report of that comparison', async (t) => {
    const { folder, get } = await serveFolder(t)
    const at = storeComparison(folder, 'target')
    const report = join(at, 'comparison.html')
    const own = pageOf('Comparison target: worse')
    for (const page of ['<script>alert(1)</script>', pageOf('Comparison other: pass'), `<p>${own}`, '']) {
      writeFileSync(report, page)
      assert.equal((await get('/comparison/target/report')).status, 404, page)
    }
    rmSync(report)
    assert.equal((await get('/comparison/target/report')).status, 404)
  })
})
