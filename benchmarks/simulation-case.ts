/** One case of benchmarks/simulation.ts: simulates it, and prints its cost as JSON. */
import { Session } from 'node:inspector/promises'
import type { Profiler } from 'node:inspector'
import { planOf } from '../simulation/plan'
import { prepare } from '../simulation/prepare'
import { simulate } from '../simulation/simulate'
import { fail } from './fail'

export interface CaseResult {
  /** CPU time of the whole simulation, connecting and warm-up included, over all threads of the process. */
  cpuSeconds: number
  packets: number
  /** Peak memory of the process, in bytes. */
  memory: number
  /** Where the time went, the largest share first. */
  places: { place: string; share: number }[]
}

async function main([peers, seconds, messageTypes]: string[]): Promise<CaseResult> {
  const { builds, lighthouse } = await prepare('layers', () => undefined)
  const plan = planOf({
    peers: Number(peers),
    seed: 7,
    builds,
    duration: Number(seconds),
    warmup: 0,
    messageTypes: messageTypes === 'deduplicated' ? messageTypes : 'faithful'
  })
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 2000 })
  await session.post('Profiler.start')
  const begin = cpuSeconds()
  const { packets } = await simulate(plan, lighthouse)
  const cpu = cpuSeconds() - begin
  const { profile } = await session.post('Profiler.stop')
  return {
    cpuSeconds: cpu,
    packets,
    memory: process.resourceUsage().maxRSS * 1024,
    places: placesOf(profile)
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const PLACES: readonly [place: string, url: RegExp, name: RegExp][] = [
  ['garbage collection', /^$/, /garbage collector/],
  ['waiting', /^$/, /program|idle/],
  ['simulation', /\/simulation\//, /./],
  ['event loop', /^node:/, /./]
]

/** Groups functions of the page's bundle by the part of the code that they belong to. */
function placesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): CaseResult['places'] {
  const placeOf = new Map(
    nodes.map(({ id, callFrame: { url, functionName } }) => {
      const found = PLACES.find(([, ofUrl, ofName]) => ofUrl.test(url) && ofName.test(functionName))
      return [
        id,
        found?.[0] ?? (url.endsWith('.js') && !url.includes('node_modules') ? 'library and page' : 'other')
      ]
    })
  )
  const totals = new Map<string, number>()
  let sum = 0
  samples.forEach((id, index) => {
    const place = placeOf.get(id)!
    totals.set(place, (totals.get(place) ?? 0) + timeDeltas[index]!)
    sum += timeDeltas[index]!
  })
  return [...totals].map(([place, time]) => ({ place, share: time / sum })).sort((a, b) => b.share - a.share)
}

main(process.argv.slice(2)).then((result) => {
  console.log(JSON.stringify(result))
}, fail)
