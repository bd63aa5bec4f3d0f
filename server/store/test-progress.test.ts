import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LIMITS } from '../../protocol/limits'
import type { RunnerSample } from '../../protocol/runner-sample'
import { samplePoint, sampleResults, sampleRunner } from '../testing/sample-data'
import { TestProgress } from './test-progress'

const NOW = 1.79e12
const SILENCE_MS = 15_000
const newTest = () =>
  new TestProgress({ id: 'x', createdAt: NOW, warmup: 5, seed: 1, labels: {}, thresholds: [] })

it('a replay takes the start as it was, and counts each peer and point once', () => {
  const model = newTest()
  const points = [samplePoint('p', 0), samplePoint('p', 1), samplePoint('p', 1), samplePoint('q', 0)]
  model.apply({ started: { startedAt: NOW + 1, startsAt: NOW + 2 }, at: NOW + 1 })
  for (let time = 0; time < 2; time++) model.apply({ ready: 'p', at: NOW + 3 })
  model.apply({ points, at: NOW + 4 })
  model.apply({ results: sampleResults(0, 0, 1), peerId: 'p', at: NOW + 5 })
  const { startedAt, startsAt, pointCount } = model
  assert.deepEqual([startedAt, startsAt, pointCount], [NOW + 1, NOW + 2, 3])
  assert.deepEqual(model.toState(NOW, 0).peers, { ready: 1, reporting: 2, done: 1 })
})

it('a peer whose only point was refused is forgotten, unless it is ready or done', () => {
  const model = newTest()
  model.set('ready', 'ready', true)
  model.set('done', 'done', true)
  for (const peer of ['ready', 'done', 'new']) {
    model.addPoint(peer, 0)
    model.removePoint(peer, 0)
  }
  assert.equal(model.peerCount, 2)
  assert.ok(!model.set('ready', 'ready', true) && !model.set('done', 'done', true))
  for (const sequence of [0, 1]) model.addPoint('new', sequence)
  model.removePoint('new', 1)
  assert.deepEqual(model.toState(NOW, 0).peers, { ready: 1, reporting: 1, done: 1 })
})

it('each runner numbers its peers after those of the runners before it, or as it wishes', () => {
  const model = newTest()
  const register = (id: string, wanted: number, wish?: number) => {
    const first = model.firstPeerNumber(id, wish)
    model.seeRunner(id, sampleRunner(0, { peers: { wanted, ready: 0, done: 0 } }), NOW, first)
    return first
  }
  const numbers = [
    register('a', 4),
    register('b', 3),
    register('a', 4),
    register('c', 1, 20),
    register('d', 1)
  ]
  assert.deepEqual(numbers, [0, 4, 0, 20, 21])
})

const see = (model: TestProgress, id: string, at: number, state: RunnerSample['state'] = 'running') =>
  model.seeRunner(id, sampleRunner(0, { state }), at, 0)

it('runners have ended once the last did of those that were ever active, if there are peers', () => {
  const model = newTest()
  for (const id of ['one', 'two']) see(model, id, NOW)
  see(model, 'one', NOW + 1, 'failed')
  see(model, 'two', NOW + 2, 'finished')
  assert.equal(model.allEndedAt, undefined)
  model.set('ready', 'p', true)
  see(model, 'never-active', NOW + 3, 'finished')
  assert.equal(model.allEndedAt, NOW + 2)
  see(model, 'three', NOW + 4)
  assert.equal(model.allEndedAt, undefined)
})

it('runners that never were active end nothing', () => {
  const model = newTest()
  model.set('ready', 'p', true)
  see(model, 'one', NOW, 'finished')
  assert.equal(model.allEndedAt, undefined)
})

it('a runner is lost that is silent for too long and has not ended', () => {
  const model = newTest()
  for (const id of ['silent', 'failed', 'finished', 'active']) see(model, id, NOW)
  for (const state of ['failed', 'finished'] as const) see(model, state, NOW, state)
  see(model, 'active', NOW + 1)
  const later = NOW + 1 + SILENCE_MS
  assert.deepEqual(model.countRunners(later, SILENCE_MS), { active: 1, lost: 1 })
  assert.deepEqual(
    model.toState(later, SILENCE_MS).runners.flatMap(({ id, lost }) => (lost ? id : [])),
    ['silent']
  )
})

it('there is no room for a peer or runner beyond those that a test takes', () => {
  const model = newTest()
  const sample = sampleRunner(0)
  for (let peer = 0; peer < LIMITS.peersPerTest; peer++) model.set('ready', `p${peer}`, true)
  assert.throws(() => model.set('ready', 'late', true), { status: 429, code: 'too-many-peers' })
  assert.ok(model.set('done', 'p0', true))
  for (let runner = 0; runner < LIMITS.runnersPerTest; runner++) {
    model.requireRoom(`r${runner}`, sample)
    model.seeRunner(`r${runner}`, sample, NOW, 0)
  }
  assert.throws(() => model.requireRoom('late', sample), { status: 429, code: 'too-many-runners' })
  model.requireRoom('r0', sample)
})
