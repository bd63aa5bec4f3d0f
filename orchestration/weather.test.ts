import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Conclusion } from '../analysis/comparison/comparison'
import { compare } from '../analysis/testing/compare'
import type { WeatherMap } from '../analysis/comparison/weather-map'
import { fakeBlocks, fakeRun } from '../analysis/testing/fake-runs'
import { UserError } from '../cli/user-error'
import { parsePlan, refuseChangedBuilds, schedule, type Plan } from './plan'
import { CampaignStore, type Campaign } from './store'
import {
  createWeatherMap,
  isWeatherMap,
  openWeatherMap,
  parseWeathers,
  planWeathers,
  runWeatherMap
} from './weather'

const TIMES = { warmup: 5, duration: 30 }

describe('weathers', () => {
  it('are profiles and an outage within the measured time', () => {
    assert.deepEqual(parseWeathers('4g, outage,4g', TIMES), [
      { name: '4g', network: '4g' },
      { name: 'outage', network: 'home,13s:offline,18s:home' }
    ])
    assert.equal(parseWeathers('all', TIMES).length, 7)
  })

  it('are refused in one line if unknown, or if the test is too short for the outage', () => {
    assert.throws(
      () => parseWeathers('4gg', TIMES),
      /unknown weather "4gg"\. Use all, or some of perfect, lan/
    )
    assert.throws(() => parseWeathers('outage', { warmup: 1, duration: 8 }), /no time for an outage/)
  })
})

describe('a weather map', () => {
  let folder: string
  let store: CampaignStore
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weather-'))
    store = new CampaignStore(folder)
  })
  after(() => rmSync(folder, { recursive: true }))

  const planOf = (id: string, variants = ['file:one', 'file:an <other>']): Plan =>
    parsePlan({
      id,
      command: 'compare',
      madeAt: 0,
      variants,
      common: {},
      blocks: 8,
      seed: 1,
      setting: {
        peers: 3,
        peersPerTab: 3,
        duration: 8,
        warmup: 5,
        routine: 'stand',
        sideBySide: true,
        soloBlocks: 2
      },
      primary: 'latency.position.p95',
      secondary: [],
      margin: null
    })
  const mapOf = (id: string) =>
    planWeathers(
      id,
      ['perfect', '3g', 'satellite'].map((name) => ({ name, network: name })),
      planOf(id)
    )
  /** What a comparison of 8 blocks comes to, the candidate's messages taking `slower` ms longer. */
  const conclusionOf = (id: string, slower: number): Conclusion => {
    return compare({
      id,
      madeAt: 0,
      primary: 'latency.position.p95',
      secondary: ['delivery.position'],
      design: 'paired',
      baseline: 'one',
      candidate: 'an <other>',
      runs: fakeBlocks(8, (block, build) => ({ delay: 20 + block + build * slower }))
    })
  }
  /** Keeps one run, as a campaign that has begun. */
  const begin = async (campaign: Campaign) => {
    campaign.runs.push(fakeRun(0, 0))
    await store.save(campaign)
  }
  const read = (name: string) => readFileSync(join(folder, 'comparisons/map', name), 'utf8')

  it('has the same seeds under all networks, and solo runs only under the first', () => {
    const plans = mapOf('seeds').weathers.map(({ plan }) => parsePlan(plan))
    assert.deepEqual(
      plans.map(({ id, common, variants, setting }) => [
        ...[id, common.network, setting.soloBlocks],
        ...variants.map(({ behaviour }) => behaviour.network)
      ]),
      [
        ['seeds-perfect', 'perfect', 2, 'perfect', 'perfect'],
        ['seeds-3g', '3g', 0, '3g', '3g'],
        ['seeds-satellite', 'satellite', 0, 'satellite', 'satellite']
      ]
    )
    const [first, ...others] = plans.map((plan) =>
      schedule(plan)
        .filter(({ solo }) => !solo)
        .map(({ variant, seed }) => ({ variant, seed }))
    )
    assert.deepEqual(others, [first, first])
    for (let block = 0; block < 8; block++) assert.equal(first![2 * block]!.seed, first![2 * block + 1]!.seed)
  })

  it('is refused in one line if its plan is damaged', async () => {
    await createWeatherMap(store, mapOf('cut'))
    const file = join(folder, 'comparisons/cut/weather-plan.json')
    for (const text of ['', readFileSync(file, 'utf8').slice(0, -9)]) {
      writeFileSync(file, text)
      await assert.rejects(openWeatherMap(store, 'cut'), {
        name: 'UserError',
        message: /weather-plan\.json is damaged: [^\n]+$/
      })
    }
  })

  it('can be started again where it was killed before its plan was whole', async () => {
    mkdirSync(join(folder, 'comparisons/early'), { recursive: true })
    writeFileSync(join(folder, 'comparisons/early/weather-plan.json.tmp'), '{"id":')
    await createWeatherMap(store, mapOf('early'))
    assert.equal((await openWeatherMap(store, 'early')).id, 'early')
    await assert.rejects(createWeatherMap(store, mapOf('early')), /already exists: resume it/)
  })

  for (const own of ['layers?network=home', 'layers?mesh=full&network=home'])
    for (const variants of [
      [own, 'layers'],
      ['layers', own]
    ])
      it(`is refused if a build has a network of its own: ${variants.join(', ')}`, () =>
        assert.throws(
          () => planWeathers('own', [{ name: '4g', network: '4g' }], planOf('own', variants)),
          (error: Error) => error instanceof UserError && error.message.startsWith(`"${own}" sets a network`)
        ))

  it('is refused before it begins if its id leaves no room for the names of the networks', () => {
    assert.throws(() => mapOf('x'.repeat(55)), {
      name: 'UserError',
      message: `--id ${'x'.repeat(55)} is too long: with "-satellite" at its end, it must have at most 64 characters`
    })
    assert.equal(mapOf('x'.repeat(54)).weathers.at(-1)!.plan.id.length, 64)
  })

  it('stops at an incomplete weather, resumes there, and keeps each verdict', async () => {
    const plan = await createWeatherMap(store, mapOf('map'))
    const begun: string[] = []
    const stopped = await runWeatherMap(plan, store, async (campaign) => {
      begun.push(campaign.plan.id)
      await begin(campaign)
      return { isComplete: begun.length < 2, conclusion: conclusionOf('map-perfect', 0) }
    })
    assert.deepEqual([stopped.failed, stopped.isUnmeasured, stopped.gate.verdict], [true, false, 'undecided'])
    assert.deepEqual(begun, ['map-perfect', 'map-3g'])
    assert.match(read('weather.md'), /^\| criterion \| perfect \| 3g \| satellite \|$/m)
    for (const page of ['weather.md', 'weather.html'])
      assert.equal(read(page).match(/It has not run yet/g)?.length, 1, page)

    assert.equal(isWeatherMap(store, 'map'), true)
    assert.equal(isWeatherMap(store, 'map-3g'), false)
    const resumed = await runWeatherMap(await openWeatherMap(store, 'map'), store, async (campaign) => {
      await begin(campaign)
      if (campaign.plan.id === 'map-3g') throw new UserError('No run of 3g can be compared')
      const slower = campaign.plan.id === 'map-satellite' ? 30 : 0
      return { isComplete: true, conclusion: conclusionOf(campaign.plan.id, slower) }
    })
    assert.deepEqual([resumed.failed, resumed.gate.verdict], [true, 'worse'])
    const map = JSON.parse(read('weather.json')) as WeatherMap
    assert.deepEqual(
      map.weathers.map(({ name, gate, comparison, trouble }) => [
        name,
        gate?.verdict,
        comparison?.blocks,
        trouble
      ]),
      [
        ['perfect', 'pass', 8, null],
        ['3g', undefined, undefined, 'No run of 3g can be compared'],
        ['satellite', 'worse', 8, null]
      ]
    )
    for (const part of ['latencyOwed.position.p95', '>worse<', 'No run of 3g', 'an &lt;other>'])
      assert.ok(read('weather.html').includes(part), part)
    assert.doesNotMatch(read('weather.html'), /<script|<link|<img|<a |NaN|Infinity|undefined/)
    assert.match(read('weather.md'), /^\| \*\*all\*\* \| \*\*pass.*\*\* \| – \| \*\*worse.*\*\* \|$/m)
  })

  it('goes on with a weather that another process has begun meanwhile', async () => {
    const plan = await createWeatherMap(store, mapOf('meanwhile'))
    const runs: number[] = []
    await runWeatherMap(plan, store, async (campaign) => {
      runs.push(campaign.runs.length)
      if (runs.length === 1) await begin(await store.create(parsePlan(plan.weathers[1]!.plan)))
      return { isComplete: true, conclusion: conclusionOf(campaign.plan.id, 0) }
    })
    assert.deepEqual(runs, [0, 1, 0])
  })

  const engines = [
    { engine: 'browser', first: ', about 10 min left for the map' },
    { engine: 'simulation', first: '' }
  ] as const
  for (const { engine, first } of engines)
    it(`says how long it will take, as soon as it can tell (${engine})`, async (test) => {
      const map = mapOf(`time-${engine}`)
      for (const { plan } of map.weathers) Object.assign(plan.setting, { engine })
      const log = test.mock.method(console, 'log', () => undefined)
      let seconds = 0
      const conduct = async (campaign: Campaign) => {
        await begin(campaign)
        seconds += 60
        return { isComplete: true, conclusion: conclusionOf(campaign.plan.id, 0) }
      }
      await runWeatherMap(await createWeatherMap(store, map), store, conduct, () => seconds * 1000)
      const lines = log.mock.calls.map(({ arguments: [line] }) => String(line).trim())
      assert.deepEqual(
        lines.filter((line) => line.startsWith('Weather ') && line.includes(' of ')),
        [
          `Weather 1 of 3: perfect (perfect)${first}`,
          'Weather 2 of 3: 3g (3g), about 2 min left for the map',
          'Weather 3 of 3: satellite (satellite), about 60 s left for the map'
        ]
      )
    })

  const rebuilds = [
    { is: 'in one call', stopsAt: 3 },
    { is: 'between two calls', stopsAt: 1 }
  ]
  for (const [index, { is, stopsAt }] of rebuilds.entries())
    it(`refuses a build that has changed since the first network, ${is}`, async () => {
      const plan = await createWeatherMap(store, mapOf(`rebuilt-${index}`))
      let isRebuilt = false
      const run = (last: number) =>
        runWeatherMap(plan, store, async (campaign) => {
          const number = plan.weathers.findIndex((weather) => weather.plan.id === campaign.plan.id) + 1
          const builds = [null, isRebuilt ? 'sha512-b' : 'sha512-a']
          refuseChangedBuilds(campaign.plan, builds)
          campaign.plan = { ...campaign.plan, builds }
          await begin(campaign)
          isRebuilt = true
          return { isComplete: number < last, conclusion: conclusionOf(campaign.plan.id, 0) }
        })
      if (stopsAt === 1) await run(1)
      await assert.rejects(run(3), /an <other> has changed since/)
    })

  it('keeps the builds of a network if an earlier version, which noted none, ran the first', async () => {
    const plan = await createWeatherMap(store, mapOf('older'))
    const [first, second] = plan.weathers.map((weather) => parsePlan(weather.plan))
    await store.create(first!)
    await store.create({ ...second!, builds: [null, 'sha512-a'] })
    const seen: Plan['builds'][] = []
    await runWeatherMap(plan, store, async (campaign) => {
      seen.push(campaign.plan.builds)
      await begin(campaign)
      return { isComplete: true, conclusion: conclusionOf(campaign.plan.id, 0) }
    })
    assert.deepEqual(seen, [undefined, [null, 'sha512-a'], undefined])
  })

  it('is unmeasured if no network let a run of both builds be used', async () => {
    const plan = await createWeatherMap(store, mapOf('void'))
    const { isUnmeasured, failed } = await runWeatherMap(plan, store, async (campaign) => {
      await begin(campaign)
      const compared = conclusionOf(campaign.plan.id, 0)
      return { isComplete: true, conclusion: { ...compared, why: 'all void', isUnmeasured: true } }
    })
    assert.deepEqual([isUnmeasured, failed], [true, false])
  })

  it('leaves nothing behind if it cannot start', async () => {
    const plan = await createWeatherMap(store, mapOf('broken'))
    let tried = 0
    await assert.rejects(
      runWeatherMap(plan, store, async ({ plan: { id } }) => {
        tried++
        await store.discard(id)
        throw new UserError('No such build')
      }),
      /No such build/
    )
    assert.equal(tried, 1)
    assert.equal(isWeatherMap(store, 'broken'), false)
  })

  it('stays if a later weather cannot start, or breaks with an error of its own', async () => {
    const plan = await createWeatherMap(store, mapOf('late'))
    for (const [error, hasRuns] of [
      [new UserError('No space'), false],
      [new TypeError('x is null'), true]
    ] as const) {
      const going = runWeatherMap(plan, store, async (campaign) => {
        const { id } = campaign.plan
        const isFirst = id === 'late-perfect'
        if (isFirst || hasRuns) await begin(campaign)
        else await store.discard(id)
        if (!isFirst) throw error
        return { isComplete: true, conclusion: conclusionOf(id, 0) }
      })
      await assert.rejects(going, error)
      assert.equal(isWeatherMap(store, 'late'), true)
    }
  })

  it('stays if it is refused when it is resumed before its first run', async () => {
    const plan = await createWeatherMap(store, mapOf('kept'))
    await store.create(parsePlan(plan.weathers[0]!.plan))
    const refused = () => Promise.reject(new UserError('layers has changed'))
    await assert.rejects(runWeatherMap(plan, store, refused), /has changed/)
    assert.equal(isWeatherMap(store, 'kept'), true)
  })

  it('is created only once', async () => {
    await createWeatherMap(store, mapOf('twice'))
    await assert.rejects(
      createWeatherMap(store, mapOf('twice')),
      /already exists: resume it with --resume twice/
    )
  })
})
