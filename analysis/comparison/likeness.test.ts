import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RunnerProvenance } from '../../protocol/runner-sample'
import { fakeRun } from '../testing/fake-runs'
import { findDifferences } from './likeness'
import { isUsable } from './run'

type Lighthouse = Partial<RunnerProvenance['lighthouse']>

const differencesOf = (lighthouses: [Lighthouse, Lighthouse]) =>
  findDifferences(
    [0, 1]
      .map((variant) => {
        const run = fakeRun(0, variant)
        const { provenance } = run.summary!
        const runners = provenance.runners.map((runner) => ({
          ...runner,
          lighthouse: { url: 'http://127.0.0.1:9000', ...lighthouses[variant] }
        }))
        return { ...run, summary: { ...run.summary!, provenance: { ...provenance, runners } } }
      })
      .filter(isUsable),
    'paired'
  ).map(({ fact, values }) => [fact, ...values.map(({ value }) => value)])

describe('A Lighthouse is known by its build', () => {
  test('not by the name that it drew', () => {
    const built = { version: '1.2.0', commitHash: 'abc', catalystVersion: '3.1' }
    assert.deepEqual(
      differencesOf([
        { ...built, name: 'zeus' },
        { ...built, name: 'aphrodite' }
      ]),
      []
    )
  })

  for (const [field, other] of [
    ['version', '1.2.1, commit abc, catalyst 3.1'],
    ['commitHash', '1.2.0, commit 1.2.1, catalyst 3.1'],
    ['catalystVersion', '1.2.0, commit abc, catalyst 1.2.1']
  ] as const) {
    test(`but by its ${field}`, () => {
      const built = { version: '1.2.0', commitHash: 'abc', catalystVersion: '3.1' }
      assert.deepEqual(differencesOf([built, { ...built, [field]: '1.2.1' }]), [
        ['Lighthouse', '1.2.0, commit abc, catalyst 3.1', other]
      ])
    })
  }
})

test('Simulated runs differ in their network', () => {
  const differing = (...networks: string[]) => {
    const runs = networks.map((network, variant) => {
      const run = fakeRun(0, variant)
      const provenance = { ...run.summary!.provenance, engine: 'simulation' as const, runners: [], network }
      return { ...run, summary: { ...run.summary!, provenance } }
    })
    return findDifferences(runs.filter(isUsable), 'paired').map(({ fact }) => fact)
  }
  assert.deepEqual(differing('home', '3g, signalling delayed'), ['network'])
  assert.deepEqual(differing('home', 'home'), [])
})

test('The network of pages that no runner opened is unknown', () => {
  const runs = [fakeRun(0, 0), fakeRun(0, 1)]
  runs[0]!.summary!.provenance.runners = []
  const network = findDifferences(runs.filter(isUsable), 'paired').find(({ fact }) => fact === 'network')
  assert.deepEqual(
    network?.values.map(({ value }) => value),
    ['unknown', 'perfect']
  )
})

test('The runs of a block share their machines, each with the same limits', () => {
  const on = (variant: number, block: number, hosts: string[], cores = 2) => {
    const run = fakeRun(block, variant)
    const [runner] = run.summary!.provenance.runners
    const runners = hosts.map((host) => ({ ...runner!, host, cores }))
    const provenance = { ...run.summary!.provenance, runners }
    return { ...run, summary: { ...run.summary!, provenance } }
  }
  const runs = [on(0, 0, ['a', 'b']), on(1, 0, ['b', 'a']), on(0, 1, ['a', 'b']), on(1, 1, ['a', 'c'])]
  const [difference, ...others] = findDifferences(runs.filter(isUsable), 'paired')
  assert.deepEqual(others, [])
  assert.equal(difference!.fact, 'nodes of block 2')
  assert.match(difference!.values[1]!.value, /^a \(.*, 2 cores\) \+ c \(/)
})

describe('The dependencies of a build', () => {
  const [old, other] = [{ 'simple-peer': '9.7.2' }, { 'simple-peer': '9.11.1' }]
  const cases = [
    { bundled: [old, other], facts: ['library dependencies of the baseline'] },
    { bundled: [old, old], facts: [] }
  ]
  for (const { bundled, facts } of cases)
    test(`differ, or not: ${JSON.stringify(bundled)}`, () => {
      const runs = bundled.map((dependencies, block) => {
        const run = fakeRun(block, 0)
        const { provenance } = run.summary!
        const libraries = [{ name: 'peer', version: '1.0.0', generation: 'layers' as const, dependencies }]
        return { ...run, summary: { ...run.summary!, provenance: { ...provenance, libraries } } }
      })
      assert.deepEqual(
        findDifferences(runs.filter(isUsable), 'paired').map(({ fact }) => fact),
        facts
      )
    })
})

test('Runs differ if one side had unusual options', () => {
  const runs = [0, 1].map((variant) => fakeRun(0, variant))
  runs[1]!.summary!.provenance.runners[0]!.options = 'ping-interval 500'
  const [found] = findDifferences(runs.filter(isUsable), 'paired')
  assert.deepEqual([found?.fact, found?.values.length], ['options', 2])
})
