/** A weather map: the same comparison under several networks, each a campaign of its own, on one page. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Conclusion } from '../analysis/comparison/comparison'
import {
  WEATHER_MAP_VERSION,
  weatherMarkdown,
  worstVerdict,
  type WeatherMap,
  type WeatherResult
} from '../analysis/comparison/weather-map'
import type { GateVerdict } from '../analysis/gate/result'
import { ID_PATTERN } from '../protocol/limits'
import { UserError } from '../cli/user-error'
import { PROFILES } from '../cli/network/link'
import { weatherPage } from '../dashboard/report/weather-page'
import type { Conducted } from './conduct'
import { parsePlan, storedPlan, type Plan, type StoredPlan } from './plan'
import { reopen, stepsLeft, timeLeft } from './campaign'
import type { Campaign, CampaignStore } from './store'
import { readState, replaceFile } from './whole-file'

/** Omits `lan`: with only 2 ms, nothing differs from `perfect`. */
const ALL = ['perfect', 'home', 'wifi-lossy', '4g', '3g', 'satellite', 'outage'] as const
const OUTAGE_SECONDS = 5
const PLAN_FILE = 'weather-plan.json'

export const WEATHER_HELP = `comma-separated networks; compares under each and draws one table: profiles, "outage" (home, cut off for ${OUTAGE_SECONDS} s), or "all"`

interface Weather {
  name: string
  network: string
}

export interface WeatherPlan {
  id: string
  weathers: { name: string; plan: StoredPlan }[]
}

/** The outage starts after a third of the measured time. Throws UserError. */
export function parseWeathers(
  text: string,
  { warmup, duration }: { warmup: number; duration: number }
): Weather[] {
  const names = text === 'all' ? ALL : [...new Set(text.split(',').map((name) => name.trim()))]
  return names.map((name) => {
    if (name === 'outage') {
      const from = Math.round(warmup + (duration - warmup) / 3)
      if (from + OUTAGE_SECONDS >= duration)
        throw new UserError(
          `--duration ${duration} leaves no time for an outage: use at least ${warmup + 10} s`
        )
      return { name, network: `home,${from}s:offline,${from + OUTAGE_SECONDS}s:home` }
    }
    if (!Object.hasOwn(PROFILES, name))
      throw new UserError(
        `--weather: unknown weather "${name}". Use all, or some of ${[...Object.keys(PROFILES), 'outage'].join(', ')}`
      )
    return { name, network: name }
  })
}

/**
 * One comparison per weather. All have the same seeds, and differ only in the network. Only the first has
 * solo runs: how much two builds slow each other down depends on the machine, not on the network. Throws
 * UserError.
 */
export function planWeathers(id: string, weathers: readonly Weather[], plan: Plan): WeatherPlan {
  const stored = storedPlan(plan)
  const own = stored.variants.find((text) => /[?&]network=/.test(text))
  // It would win over each weather's.
  if (own !== undefined)
    throw new UserError(`"${own}" sets a network, as --weather does for both builds: leave one of them out`)
  const long = weathers.find(({ name }) => !ID_PATTERN.test(`${id}-${name}`))
  if (long)
    throw new UserError(
      `--id ${id} is too long: with "-${long.name}" at its end, it must have at most 64 characters`
    )
  return {
    id,
    weathers: weathers.map(({ name, network }, index) => ({
      name,
      plan: {
        ...stored,
        id: `${id}-${name}`,
        common: { ...plan.common, network },
        setting: { ...plan.setting, ...(index > 0 && { soloBlocks: 0 }) }
      }
    }))
  }
}

export const isWeatherMap = (store: CampaignStore, id: string): boolean =>
  existsSync(join(store.folder(id), PLAN_FILE))

/** Throws UserError if a comparison or a map with this id exists. */
export async function createWeatherMap(store: CampaignStore, map: WeatherPlan): Promise<WeatherPlan> {
  await store.claim(map.id)
  await replaceFile(join(store.folder(map.id), PLAN_FILE), JSON.stringify(map))
  return map
}

/** Throws UserError if its plan is damaged. */
export const openWeatherMap = (store: CampaignStore, id: string) =>
  readState<WeatherPlan>(join(store.folder(id), PLAN_FILE))

/**
 * Runs each weather with `conduct`, rewrites the map after it, and ends at one that does not complete. If its
 * runs cannot be compared, the map says why, and the others continue; if it cannot even start, neither can
 * the others: throws the error.
 */
export async function runWeatherMap(
  plan: WeatherPlan,
  store: CampaignStore,
  conduct: (campaign: Campaign) => Promise<Conducted<Conclusion>>,
  now = () => performance.now()
): Promise<{ failed: boolean; gate: { verdict: GateVerdict }; isUnmeasured: boolean; map: WeatherMap }> {
  const { id, weathers } = plan
  const folder = store.folder(id)
  const results: WeatherResult[] = []
  let map = mapOf(plan, results)
  const taken: number[] = []
  let isComplete = true
  const begun = async ({ id: own }: StoredPlan) =>
    store.has(own) ? reopen(await store.open(own, 'compare')) : undefined
  const campaigns = await Promise.all(
    weathers.map(async ({ plan: own }) => (await begun(own)) ?? { plan: parsePlan(own), runs: [] })
  )
  for (const [index, weather] of weathers.entries()) {
    const { name, plan: own } = weather
    const result = notRun(weather)
    const steps = campaigns.slice(index).map((each) => stepsLeft(each))
    const total = steps.reduce((sum, each) => sum + each)
    const left = timeLeft(total, taken, own.setting)
    console.log(
      `\nWeather ${index + 1} of ${weathers.length}: ${name} (${result.network})${left && `${left} for the map`}`
    )
    // It may have been begun by another process meanwhile.
    const campaign = (await begun(own)) ?? (await store.create(campaigns[index]!.plan))
    campaigns[index] = campaign
    // All weathers compare the builds that the first one began with.
    campaign.plan.builds = campaigns[0]!.plan.builds ?? campaign.plan.builds
    const begin = now()
    try {
      const { isComplete: isDone, conclusion } = await conduct(campaign)
      isComplete = isDone
      if (conclusion) {
        const [comparison, lacking] = 'why' in conclusion ? [null, conclusion] : [conclusion, null]
        const trouble = lacking?.why.split('\n')[0] ?? null
        const isUnmeasured = lacking?.isUnmeasured ?? false
        Object.assign(result, { gate: conclusion.gate, comparison, trouble, isUnmeasured })
      }
    } catch (error) {
      if (!(error instanceof UserError) || campaign.runs.length === 0) {
        if (index === 0 && !store.has(own.id)) await store.discard(id)
        throw error
      }
      result.trouble = error.message.split('\n')[0]!
      console.error(`${name}: ${error.message}`)
    }
    results.push(result)
    map = mapOf(plan, results)
    await replaceFile(join(folder, 'weather.json'), JSON.stringify(map, undefined, 1))
    await replaceFile(join(folder, 'weather.md'), weatherMarkdown(map))
    await replaceFile(join(folder, 'weather.html'), weatherPage(map))
    if (!isComplete) break
    if (steps[0]! > 0) taken.push((now() - begin) / 1000 / steps[0]!)
  }
  console.log(`\n${weatherMarkdown(map)}\nWeather map: ${join(folder, 'weather.html')}`)
  return {
    failed: !isComplete || results.some(({ gate }) => gate === null),
    gate: { verdict: map.verdict },
    isUnmeasured: results.every(({ isUnmeasured = true }) => isUnmeasured),
    map
  }
}

const notRun = ({ name, plan: { id, common } }: WeatherPlan['weathers'][number]): WeatherResult => ({
  ...{ name, network: common.network ?? '', id },
  ...{ gate: null, comparison: null, trouble: 'It has not run yet' }
})

function mapOf({ id, weathers }: WeatherPlan, results: readonly WeatherResult[]): WeatherMap {
  const { madeAt, variants, blocks } = weathers[0]!.plan
  const all = weathers.map((weather, index) => results[index] ?? notRun(weather))
  return {
    version: WEATHER_MAP_VERSION,
    id,
    madeAt,
    baseline: variants[0]!,
    candidate: variants[1]!,
    plannedBlocks: blocks,
    verdict: worstVerdict(all),
    weathers: all
  }
}
