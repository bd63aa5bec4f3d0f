/**
 * Every published build of the peer library exchanges messages: all of them in virtual time, which runs the
 * same page and library and counts exactly; in browsers, the oldest of each generation, furthest from the
 * default builds that all other tests use.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Summary } from '../protocol/summary'
import { openBench } from '../orchestration/browser-bench'
import { parsePlan, schedule } from '../orchestration/plan'
import type { Bench } from '../orchestration/campaign'
import { PlainProgress } from '../cli/progress'

const LAYERS = '0.1.12 0.1.21 0.1.36 0.2.12 0.2.13 0.2.15 0.2.16 0.2.17 0.2.19 0.2.20'.split(' ')
const ISLANDS = ['1.0.3', '1.0.4', '1.0.14']
const BUILDS = [
  ...LAYERS.map((version) => `decentraland-katalyst-peer@${version}`),
  ...ISLANDS.map((version) => `@dcl/catalyst-peer@${version}`)
]
const OLDEST = [BUILDS[0]!, BUILDS[LAYERS.length]!]
const PEERS = 4
const SECONDS = { duration: 4, warmup: 1 }
/** Ten positions a second from each peer to all others. */
const POSITIONS = PEERS * (PEERS - 1) * 10 * (SECONDS.duration - SECONDS.warmup)

const ENGINES = [
  {
    name: 'in virtual time',
    builds: BUILDS,
    engine: { engine: 'simulation' },
    check: ({ delivery, received }: Summary) => {
      assert.equal(received.position, POSITIONS)
      assert.equal(delivery.all, 1)
    }
  },
  {
    name: 'in browsers',
    builds: OLDEST,
    engine: {},
    check: ({ delivery, received, wire }: Summary) => {
      // On a busy machine, ticks come late and some messages are not sent; those that are must arrive.
      assert.ok(received.position > POSITIONS / 2, `${received.position} positions were received`)
      assert.ok(delivery.position! >= 0.95, `delivery is ${delivery.position}`)
      // A message belongs to the instant at which it was sent, a packet to that at which it arrives: on a
      // busy machine some messages of the last ticks arrive when packets are no longer counted.
      const { packetsReceived } = wire
      assert.ok(packetsReceived >= 0.9 * received.all, `${packetsReceived} packets, ${received.all} messages`)
    }
  }
] as const

for (const { name, builds, engine, check } of ENGINES)
  describe(`Every published build of the peer library, ${name}`, () => {
    const plan = parsePlan({
      id: 'all-builds',
      command: 'history',
      madeAt: 0,
      variants: builds,
      common: {},
      blocks: 1,
      seed: 1,
      setting: { peers: PEERS, peersPerTab: PEERS, routine: 'stand', ...SECONDS, ...engine },
      primary: 'delivery.position',
      secondary: [],
      margin: 0.03
    })
    const controller = new AbortController()
    let folder: string
    let bench: Bench
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'all-builds-'))
      bench = await openBench(plan, folder, {}, new PlainProgress(() => undefined))
    })
    after(async () => {
      controller.abort()
      await bench.close()
      await rm(folder, { recursive: true })
    })

    for (const run of schedule(plan)) {
      const build = builds[run.variant]!
      it(`exchanges messages: ${build}`, async () => {
        const [execution] = await bench.execute([run], controller.signal)
        assert.deepEqual(execution!.failures, [])
        const summary = execution!.summary!
        check(summary)
        const [library] = summary.provenance.libraries
        assert.equal(`${library!.name}@${library!.version.replace('+shim', '')}`, build)
        assert.equal(library!.version.endsWith('+shim'), build.endsWith('@0.1.12'))
        assert.match(library!.integrity ?? '', /^sha512-/)
      })
    }
  })
