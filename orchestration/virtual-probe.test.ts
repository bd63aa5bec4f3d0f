/** Without simulation: what each build counts with each seed is given. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { UserError } from '../cli/user-error'
import { VirtualProbe } from './virtual-probe'

function probeWith(parts: object, metric = 'wire.packetsPerMessage'): VirtualProbe {
  const probe = new VirtualProbe({
    ...{ metric, common: {}, seed: 1, questions: 3 },
    setting: { peers: 2, peersPerTab: 2, duration: 1, warmup: 0, routine: 'stand' },
    signal: new AbortController().signal,
    tell: () => undefined
  })
  return Object.assign(probe, parts)
}

const probeOf = (values: Readonly<Record<string, readonly number[]>>) =>
  probeWith({
    countedOf: (build: string, seeds: number) => Promise.resolve(values[build]!.slice(0, seeds))
  })

/** Of 80 seeds; the good build has 2 with each. */
const valuesBy = (valueOf: (seed: number) => number) => Array.from({ length: 80 }, (_, seed) => valueOf(seed))

const CASES: [shows: string, bad: number[], difference: string][] = [
  ['with every seed', valuesBy(() => 2.5), '2 → 2.5'],
  [
    'with one seed of twenty',
    valuesBy((seed) => (seed % 20 === 15 ? 2.5 : 2)),
    'differs in 4 of 80 seeds (medians 2 → 2)'
  ],
  ['after the first look', valuesBy((seed) => (seed < 10 ? 2 : 2.5)), '2 → 2.25']
]
for (const [shows, bad, difference] of CASES)
  it(`tells the bad end from the good one where the change shows ${shows}`, async () => {
    const similar = bad.map((value) => (value === 2 ? 2 : value + 0.01))
    const probe = probeOf({ good: valuesBy(() => 2), bad, similar })
    assert.equal(await probe.differ('good', 'bad'), difference)
    assert.equal((await probe.ask('good')).answer, 'good')
    assert.equal((await probe.ask('bad')).answer, 'bad')
    assert.notEqual((await probe.ask('similar')).answer, 'good')
    assert.equal(await probe.differ('good', 'good'), null)
  })

it('compares the CPU that each message takes, after a first pair that warms up', async () => {
  const cpuMs: Record<string, number> = { good: 20, bad: 30, like: 31 }
  const pairs: number[] = []
  const simulate = (builds: string[], seeds: number[]) => {
    pairs.push(seeds.length)
    const document = { summary: { received: { all: 10 }, reasons: [] } }
    return seeds.flatMap((_, at) =>
      builds.map((build) => ({ failures: [], document, cpuMs: cpuMs[build]! + 2 * at }))
    )
  }
  const probe = probeWith({ simulate }, 'machine.cpuMsPerDelivered')
  assert.equal(await probe.differ('good', 'bad'), '3.1 ms → 4.1 ms')
  assert.deepEqual(await probe.ask('like'), { answer: 'bad', why: '4.2 ms' })
  assert.equal((await probe.ask('bad')).answer, 'bad')
  assert.deepEqual(pairs, [11, 11, 0])
})

it('leaves unclear what the bad end, which fails with more seeds, does not tell', async () => {
  const valuesOf: Record<string, number[]> = {
    good: valuesBy(() => 2),
    same: valuesBy(() => 2),
    bad: valuesBy(() => 2.5),
    between: valuesBy((seed) => (seed % 2 === 0 ? 2 : 2.5))
  }
  const probe = probeWith({
    simulate: ([build = '']: string[], seeds: number[]) =>
      seeds.map(() => {
        const packetsPerMessage = valuesOf[build]!.shift()!
        const failures = build === 'bad' && valuesOf.bad!.length < 70 ? ['its tenth run was its last'] : []
        return { failures, document: { summary: { wire: { packetsPerMessage }, reasons: [] } } }
      })
  })
  assert.equal(await probe.differ('good', 'bad'), '2 → 2.5')
  assert.equal((await probe.ask('between')).answer, 'unclear')
  // Counted again, the good build would have no values left.
  assert.equal((await probe.ask('same')).answer, 'good')
})

it('takes no stop for a build without values', () =>
  assert.rejects(
    probeWith({ simulate: () => Promise.reject(new UserError('Stopped by SIGINT')) }).differ('good', 'bad'),
    /Stopped by SIGINT/
  ))

const RUNS: [says: string, failures: string[], reasons: object[], why: string][] = [
  ['fails', ['layers uses Worker, which is not simulated'], [], 'layers uses Worker, which is not simulated'],
  ['is void', [], [{ rule: 'split-mesh' }], 'void: split-mesh']
]
for (const metric of ['wire.packetsPerMessage', 'machine.cpuMsPerDelivered'])
  for (const [says, failures, reasons, why] of RUNS)
    it(`finds no ${metric} of a build that ${says} in virtual time, and says so`, async () => {
      const outcome = { failures, document: { summary: { wire: { packetsReceived: 0 }, reasons } } }
      const probe = probeWith({ simulate: () => Promise.resolve([outcome]) }, metric)
      assert.equal(await probe.differ('good', 'bad'), null)
      assert.deepEqual(await probe.ask('bad'), { answer: 'unclear', why })
      await assert.rejects(probe.summaryOf('bad'), (error: Error) => {
        assert.ok(error instanceof UserError)
        assert.equal(error.message, why)
        return true
      })
    })
