/** Each planted build shows in the figure that should show it, and a sound build in none. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { planting } from '../libraries/testing/planted-build'
import { planted, type PlantedName } from '../libraries/testing/planted-builds'
import type { Summary } from '../protocol/summary'
import { planOf, type Builds, type PlanChoices } from './plan'
import { prepare } from './prepare'
import { simulate, type Outcome } from './simulate'
import { bundlePage, bundlePrograms } from './world/bundles'

const SETTING = { peers: 8, seed: 1, duration: 6, warmup: 1 }
/** What happens seldom takes longer to show. */
const LONG = { ...SETTING, duration: 20, warmup: 5 }
const SELDOM: readonly string[] = ['chat50', 'profile5', 'throw', 'heartbeat', 'altertime', 'splitmesh']

let prepared: Builds
let sound: Summary
let soundForLong: Summary
before(async () => {
  prepared = await prepare('layers', () => undefined)
  sound = await summaryOf('none')
  soundForLong = await summaryOf('none', LONG)
})

async function summaryOf(...given: Parameters<typeof outcomeOf>): Promise<Summary> {
  return (await outcomeOf(...given)).document.summary!
}

async function outcomeOf(name: PlantedName | 'none', choices: Partial<PlanChoices> = {}): Promise<Outcome> {
  const [build] = prepared
  const code =
    name === 'none' ? build.code : await bundlePage({ page: { plugins: [planting(planted(name))] } })
  const plan = planOf({ ...SETTING, builds: [{ ...build, text: name, code }], ...choices })
  return simulate(plan, await bundlePrograms())
}

const rulesOf = ({ reasons }: Summary) => reasons.map(({ rule }) => rule)
const bytesPerMessage = ({ wire, received }: Summary) => wire.bytesReceived / received.all
const isBetween = (value: number | null, low: number, high: number) =>
  value !== null && value >= low && value <= high

/** What each build must show; `base` is the sound build's summary. A build that is not void must be valid. */
const SHOWN: Partial<Record<PlantedName, (summary: Summary, base: Summary) => boolean>> = {
  chat50: ({ delivery }) => isBetween(delivery.chat, 0.2, 0.8) && delivery.position === 1,
  profile5: ({ delivery }) => isBetween(delivery.profile, 0.9, 0.98) && delivery.position === 1,
  chatlate: ({ latencyOwed }) => isBetween(latencyOwed.chat!.p50, 3000, 3010),
  profilelate: ({ latencyOwed }) => isBetween(latencyOwed.profile!.p95, 1500, 1510),
  late8ms: ({ latencyOwed }, base) =>
    isBetween(latencyOwed.position!.p95! - base.latencyOwed.position!.p95!, 7.9, 8.1),
  jitterbuffer: ({ latencyOwed }, base) => latencyOwed.position!.p50! > 1.2 * base.latencyOwed.position!.p50!,
  dup: ({ duplicateRatio, delivery }) => duplicateRatio.all! > 2 && delivery.all === 1,
  slowjoin: ({ connection }) => connection.first!.p50 > 3000 && connection.fourth!.p50 > 3000,
  throw: ({ errors }) => errors.uncaught! > 5 && errors.first === 'Error: planted: not caught',
  heartbeat: ({ lighthouse }, base) => isBetween(lighthouse.messages! / base.lighthouse.messages!, 9, 11),
  http5: ({ lighthouse }) => isBetween(lighthouse.requests, 4.9, 5.1),
  relay1: ({ delivery }) => delivery.all! < 0.9,
  'bytes1.5': (summary, base) =>
    isBetween(bytesPerMessage(summary) / bytesPerMessage(base), 1.014, 1.016) &&
    summary.wire.packetsReceived === base.wire.packetsReceived,
  suppress: ({ duplicateRatio, delivery, wire }, base) =>
    duplicateRatio.all === 0 && delivery.all === 1 && wire.packetsReceived < base.wire.packetsReceived,
  otherdraws: ({ delivery, wire }, base) =>
    delivery.all === 1 && wire.packetsReceived !== base.wire.packetsReceived
}

/** The rule that voids each build, and what its reason says. */
const VOID: Partial<Record<PlantedName, [rule: string, what: RegExp]>> = {
  echo: ['impossible-figures', /handed \d+ messages to the peer that had sent them/],
  echo10loss: ['impossible-figures', /handed \d+ messages to the peer that had sent them/],
  altertime: ['impossible-figures', /arrived with other content/],
  bitflip: ['impossible-figures', /arrived with other content/],
  ownwebrtc: ['impossible-figures', /without a single packet/],
  splitmesh: ['split-mesh', /parts/],
  slowclock: ['sent-too-little', /sent as little as/],
  neverconnects: ['no-data', /./]
}

describe('a sound build', () => {
  it('is valid, and shows nothing that is wrong', () => {
    assert.deepEqual(rulesOf(sound), [])
    assert.deepEqual(sound.integrity, { echoes: 0, altered: 0, unknown: 0 })
    assert.deepEqual(sound.errors, { uncaught: 0, first: null })
    assert.equal(sound.lighthouse.requests, 0)
    for (const kind of ['position', 'profile', 'chat'] as const) assert.equal(sound.delivery[kind], 1)
  })
})

describe('a planted build', () => {
  for (const [name, isShown] of Object.entries(SHOWN))
    it(`shows its fault in the right figure: ${name}`, async () => {
      const isSeldom = SELDOM.includes(name)
      const summary = await summaryOf(name as PlantedName, isSeldom ? LONG : SETTING)
      assert.deepEqual(rulesOf(summary), [])
      assert.ok(isShown(summary, isSeldom ? soundForLong : sound), JSON.stringify(summary))
    })

  for (const [name, [rule, what]] of Object.entries(VOID))
    it(`is void by the right rule: ${name}`, async () => {
      const { reasons } = await summaryOf(name as PlantedName, SELDOM.includes(name) ? LONG : SETTING)
      assert.deepEqual(
        reasons.map((reason) => [reason.rule, reason.cause]),
        [[rule, 'build-or-machine']]
      )
      assert.match(reasons[0]!.what, what)
    })

  it('that never connects is not blamed on a browser', async () => {
    const { failures } = await outcomeOf('neverconnects')
    assert.match(
      failures[0]!,
      /^No WebRTC connection opened in 60 s.* only the build, its configuration or --network can be/
    )
  })

  it('that loses what passed two relays shows it in a mesh of 16, but not in one of 8', async () => {
    assert.equal((await summaryOf('relay2')).delivery.all, 1)
    const larger = await summaryOf('relay2', { peers: 16, messageTypes: 'deduplicated' })
    assert.ok(larger.delivery.all! < 0.99, JSON.stringify(larger.delivery))
  })

  it('is counted by its own peers in a mesh of several builds', async () => {
    const [build] = prepared
    const code = await bundlePage({ page: { plugins: [planting(planted('throw'))] } })
    const builds: PlanChoices['builds'] = [
      { ...build, text: 'sound' },
      { ...build, text: 'throws', code }
    ]
    const { document } = await simulate(planOf({ ...SETTING, builds }), await bundlePrograms())
    const counts = (parity: number) =>
      Object.values(document.peerResults)
        .filter(({ number }) => number % 2 === parity)
        .reduce((sum, { page }) => sum + page!.uncaught.count, 0)
    assert.equal(counts(0) * counts(1), 0)
    assert.ok(counts(0) + counts(1) > 0)
  })
})
