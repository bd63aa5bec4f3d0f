import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openBench } from '../campaign/bench'
import { schedule, type Plan } from '../campaign/plan'
import type { Bench, Execution } from '../campaign/run'
import { PlainProgress } from '../cli/progress'

const VERSIONS = {
  'decentraland-katalyst-peer': '0.1.12 0.1.21 0.1.36 0.2.12 0.2.13 0.2.15 0.2.16 0.2.17 0.2.19 0.2.20'.split(
    ' '
  ),
  '@dcl/catalyst-peer': ['1.0.3', '1.0.4', '1.0.14']
}
const PLAN: Plan = {
  id: 'all-builds',
  command: 'history',
  madeAt: 0,
  variants: Object.entries(VERSIONS).flatMap(([name, versions]) =>
    versions.map((version) => `${name}@${version}`)
  ),
  common: {},
  blocks: 1,
  seed: 1,
  setting: { peers: 4, peersPerTab: 4, duration: 4, warmup: 1, routine: 'stand' },
  primary: 'delivery.position',
  secondary: [],
  margin: 0.03
}

describe('Every published build of the peer library', { timeout: 400_000 }, () => {
  let folder: string
  let bench: Bench
  const controller = new AbortController()
  const executions: Promise<Execution>[] = []
  const runs = schedule(PLAN)
  const quiet = new PlainProgress(() => undefined)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'all-builds-'))
    bench = await openBench(PLAN, folder, {}, quiet)
    // Two at a time, because a run mostly waits. Each is a block of its own: on a busy machine, runs of one
    // block do not always start within the few milliseconds that a comparison demands of them.
    const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
    for (const [index, run] of runs.entries()) {
      const lane = index % lanes.length
      const execution = lanes[lane]!.then(async () => (await bench.execute([run], controller.signal))[0]!)
      executions.push(execution)
      lanes[lane] = execution.catch(() => undefined)
    }
  })
  after(async () => {
    controller.abort()
    await Promise.allSettled(executions)
    await bench.close()
    await rm(folder, { recursive: true })
  })

  for (const [index, run] of runs.entries()) {
    const build = PLAN.variants[run.variant]!
    it(`exchanges messages: ${build}`, async () => {
      const { summary, failures } = await executions[index]!
      assert.deepEqual(failures, [])
      assert.ok(summary)
      const { delivery, received, provenance, wire } = summary
      assert.ok(received.position > 200, `${received.position} positions were received`)
      assert.ok(delivery.position! >= 0.95, `delivery is ${delivery.position}`)
      // A message belongs to the instant at which it was sent, a packet to that at which it arrives: on a
      // busy machine some messages of the last ticks arrive when packets are no longer counted.
      const { packetsReceived } = wire
      assert.ok(packetsReceived >= 0.9 * received.all, `${packetsReceived} packets, ${received.all} messages`)
      const [library] = provenance.libraries
      assert.equal(`${library!.name}@${library!.version.replace('+shim', '')}`, build)
      assert.equal(library!.version.endsWith('+shim'), build.endsWith('@0.1.12'))
      assert.match(library!.integrity ?? '', /^sha512-/)
    })
  }
})
