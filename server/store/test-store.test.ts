import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { LIMITS } from '../../protocol/limits'
import { createTestSchema } from '../../protocol/test-life'
import type { Refusal } from '../../cli/refusal'
import { Clock } from '../clock'
import { temporaryFolder } from '../testing/temporary-folder'
import type { Durability } from './journal'
import { ownFolderOf } from './results-folder'
import { TestStore } from './test-store'

async function openStore(
  t: TestContext,
  keepsJournals = false,
  folder = temporaryFolder(),
  durability: Durability = 'write'
) {
  mkdirSync(ownFolderOf(folder), { recursive: true })
  const clock = new Clock()
  const store = await TestStore.open({
    ...{ folder, durability, clock, logger: pino({ level: 'silent' }) },
    ...{ runnerSilenceMs: 1_000, keepsJournals }
  })
  t.after(() => store.close())
  return { store, folder, clock }
}

it('a test that ends always has a journal to relay: without one, the relay would begin again', async (t) => {
  const { store } = await openStore(t, true)
  await store.create('a', createTestSchema.parse({ started: true }))
  const paths = () => [
    ...[...store.liveTests].map((test) => test.journal.path),
    ...store.finishedJournals.keys()
  ]
  const { journal } = store.getLive('a')
  // Nobody who is mistaken drops it earlier.
  await store.dropJournal(journal.path)
  const close = journal.close.bind(journal)
  const closing = t.mock.method(journal, 'close', async () => {
    await close()
    assert.deepEqual(paths(), [journal.path])
  })
  await store.finish('a')
  assert.deepEqual(paths(), [journal.path])
  assert.equal(closing.mock.callCount(), 1)
})

it('a deleted test takes no journal with it that is still to be relayed, but its own', async (t) => {
  const { store } = await openStore(t, true)
  for (const id of ['a', 'b']) {
    await store.create(id, createTestSchema.parse({}))
    await store.finish(id)
  }
  await store.delete('a')
  const journals = [...store.finishedJournals.values()]
  assert.deepEqual(
    journals.map(({ id, path }) => [id, existsSync(path)]),
    [['b', true]]
  )
})

it('a results file that is cut off is written again, as long as there is its journal', async (t) => {
  const { store, folder } = await openStore(t, true)
  await store.create('a', createTestSchema.parse({ started: true, labels: { routine: 'stand' } }))
  await store.finish('a')
  await store.close()
  truncateSync(join(folder, 'a.json'), 60)
  const { store: next } = await openStore(t, true, folder)
  const { state, labels, damage } = next.stateOf('a')
  assert.deepEqual([state, labels, damage], ['finished', { routine: 'stand' }, undefined])
})

it('a test that goes on from its journal counts once, however its results file is damaged', async (t) => {
  const { store, folder } = await openStore(t, true)
  await store.create('a', createTestSchema.parse({ started: true }))
  const [journal] = readdirSync(folder).filter((name) => name.endsWith('.journal'))
  const copy = readFileSync(join(folder, journal!))
  await store.finish('a')
  await store.close()
  writeFileSync(join(folder, journal!), copy)
  truncateSync(join(folder, 'a.json'), 60)
  const { store: next } = await openStore(t, true, folder)
  assert.deepEqual(next.countByState(), { created: 0, running: 1, finished: 0, corrupt: 0 })
  await next.finish('a')
  await next.delete('a')
  assert.deepEqual(readdirSync(folder), ['.results-server'])
})

it('a copy of a journal under the name of another test is called damaged', async (t) => {
  const { store, folder } = await openStore(t)
  await store.create('a', createTestSchema.parse({ started: true }))
  copyFileSync(store.getLive('a').journal.path, join(folder, `b.${'0'.repeat(16)}.journal`))
  await store.close()
  const { store: next } = await openStore(t, false, folder)
  assert.equal(next.stateOf('a').state, 'running')
  assert.throws(() => next.get('b'), { code: 'test-corrupt', message: /it is the journal of test a/ })
})

it('a journal beside the results file of an earlier test of its id is kept', async (t) => {
  const { store, folder } = await openStore(t)
  const running = createTestSchema.parse({ started: true })
  await store.create('a', running)
  await store.finish('a')
  const earlier = readFileSync(join(folder, 'a.json'))
  await store.delete('a')
  await store.create('a', running)
  const { path } = store.getLive('a').journal
  await store.close()
  writeFileSync(join(folder, 'a.json'), earlier)
  const { store: next } = await openStore(t, false, folder)
  assert.equal(next.stateOf('a').state, 'finished')
  assert.ok(existsSync(path))
})

it('of two tests of one id that are created at once, one exists', async (t) => {
  const { store, folder } = await openStore(t)
  const creating = ['a', 'a'].map((id) => store.create(id, createTestSchema.parse({})))
  // Whoever is told that it exists, finds it.
  await creating[1]!.catch(() => assert.equal(store.stateOf('a').state, 'created'))
  const results = await Promise.allSettled(creating)
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected']
  )
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.journal')).length, 1)
})

it('no more tests are open than may be, though they are created at once', async (t) => {
  const { store } = await openStore(t)
  const { openTests } = LIMITS
  t.after(() => Object.assign(LIMITS, { openTests }))
  Object.assign(LIMITS, { openTests: 2 })
  const create = (id: string) => store.create(id, createTestSchema.parse({}))
  const results = await Promise.allSettled(['a', 'b', 'c'].map(create))
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? (result.reason as Refusal).code : result.status)),
    ['fulfilled', 'fulfilled', 'too-many-tests']
  )
  await store.finish('a')
  await create('c')
})

it('a test whose first creation fails is created by the second', async (t) => {
  const { store, folder } = await openStore(t)
  t.mock.method(promises, 'open', () => Promise.reject(new Error('the disk is full')), { times: 1 })
  const creating = ['a', 'a'].map((id) => store.create(id, createTestSchema.parse({})))
  const results = await Promise.allSettled(creating)
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled']
  )
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.journal')).length, 1)
})

it('a test is neither created nor finished while a power cut could still undo that', async (t) => {
  const { store, folder } = await openStore(t, false, temporaryFolder(), 'fsync')
  const handle = await promises.open(__filename)
  const prototype = Object.getPrototypeOf(handle) as promises.FileHandle
  await handle.close()
  const failOnce = () =>
    t.mock.method(prototype, 'sync', () => Promise.reject(new Error('EIO')), { times: 1 })
  const running = createTestSchema.parse({ started: true })
  failOnce()
  await assert.rejects(store.create('a', running), /EIO/)
  assert.deepEqual(readdirSync(folder), ['.results-server'])
  await store.create('a', running)
  failOnce()
  await assert.rejects(store.finish('a'), /EIO/)
  assert.deepEqual(
    store.unwritten().map(({ id }) => id),
    ['a']
  )
  assert.equal(readdirSync(folder).length, 3)
  const { finishedAt } = store.stateOf('a')
  assert.equal((await store.finish('a')).finishedAt, finishedAt)
  assert.deepEqual(readdirSync(folder), ['.results-server', 'a.json'])
})

it('a test of a server whose clock was far ahead does not set the clock', async () => {
  const folder = temporaryFolder()
  mkdirSync(ownFolderOf(folder))
  const open = (clock: Clock) =>
    TestStore.open({
      ...{ folder, durability: 'write', clock, logger: pino({ level: 'silent' }) },
      ...{ runnerSilenceMs: 1_000, keepsJournals: true }
    })
  const ahead = new Clock()
  ahead.notBefore(Date.now() + 20 * 365 * 86_400_000)
  const store = await open(ahead)
  await store.create('a', createTestSchema.parse({ started: true }))
  await store.close()
  const clock = new Clock()
  const next = await open(clock)
  assert.match(next.list(1).states[0]!.damage!, /more than ten years ahead/)
  assert.ok(clock.now() < Date.now() + 60_000)
  await next.close()
})

it('a server whose clock was set back goes on from the latest time of its tests', async (t) => {
  const { store, folder, clock } = await openStore(t)
  clock.notBefore(Date.now() + 3_600_000)
  const { createdAt } = await store.create('a', createTestSchema.parse({}))
  await store.close()
  const next = await openStore(t, false, folder)
  assert.ok(next.clock.now() >= createdAt)
})

it('a file that it has no descriptor to read is not called damaged', async (t) => {
  const { store } = await openStore(t)
  await store.create('a', createTestSchema.parse({ started: true }))
  await store.finish('a')
  t.mock.method(promises, 'open', () =>
    Promise.reject(Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }))
  )
  await assert.rejects(store.openDocument('a'), { code: 'EMFILE' })
})

it('a test that is read while it is deleted is not called damaged', async (t) => {
  const { store, folder } = await openStore(t)
  for (let round = 0; round < 10; round++) {
    await store.create('a', createTestSchema.parse({ started: true }))
    await store.finish('a')
    const deleting = store.delete('a')
    while (existsSync(`${folder}/a.json`)) await setImmediate()
    await assert.rejects(store.summary('a'), { status: 404, code: 'test-not-found' })
    await deleting
  }
})

it('a running test whose journal was removed can be deleted', async (t) => {
  const { store } = await openStore(t)
  const running = createTestSchema.parse({ started: true })
  await store.create('a', running)
  await assert.rejects(store.delete('a'), { code: 'test-not-finished' })
  rmSync(store.getLive('a').journal.path)
  await assert.rejects(store.finish('a'), /was removed: delete the test/)
  await store.delete('a')
  assert.throws(() => store.get('a'), { code: 'test-not-found' })
  await store.create('a', running)
})

it('a running test whose folder is out of reach for a while is neither deleted nor to be', async (t) => {
  const { store, folder } = await openStore(t)
  await store.create('a', createTestSchema.parse({ started: true }))
  renameSync(folder, `${folder}.away`)
  symlinkSync(folder, folder)
  await assert.rejects(store.delete('a'), { code: 'ELOOP' })
  await assert.rejects(store.getLive('a').peerReady('b'), { code: 'ELOOP' })
  rmSync(folder)
  renameSync(`${folder}.away`, folder)
  await store.getLive('a').peerReady('b')
  await store.finish('a')
})
