/** Who owns a file in a results folder: this test, an earlier test with the same id, or another program. */
import assert from 'node:assert/strict'
import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { journalOf } from '../testing/files'
import { samplePoint, sampleResults, sampleRunner } from '../testing/sample-data'
import { temporaryFolder } from '../testing/temporary-folder'
import { serve } from '../testing/test-server'
import { ownFolderOf } from './results-folder'

describe('two simultaneous DELETEs', () => {
  it('never touch a test that is created again in between', async (t) => {
    const { client, folder } = await serve(t)
    for (let round = 0; round < 60; round++) {
      await client.createTest('again', { started: true })
      await client.finishTest('again')
      const deleting = Promise.allSettled([client.deleteTest('again'), client.deleteTest('again')])
      for (;;)
        if (
          await client.createTest('again', { started: true }).then(
            () => true,
            () => false
          )
        )
          break
      await client.submitPoint('again', 'p', { sent: 1 })
      const outcomes = await deleting
      assert.ok(outcomes.some(({ status }) => status === 'fulfilled'))
      assert.notEqual(journalOf(folder, 'again'), undefined, `round ${round}`)
      assert.equal((await client.finishTest('again')).dataPointCount, 1)
      assert.equal((await client.getDocument('again')).dataPoints.length, 1)
      await client.deleteTest('again')
    }
  })
})

describe('foreign files', () => {
  const FILES: Record<string, string> = {
    'notes.snapshot': 'mine',
    'x.0123456789ab.snapshot': 'mine',
    'tsconfig.json.tmp': '{}',
    'holiday.json': '{"beach":true}',
    'system.journal': 'nonsense',
    'empty.journal': '',
    '.lock': 'mine'
  }
  const FOLDERS = ['a.snapshot', 'b.json', 'c.journal', 'd.json.tmp']

  it('are left alone, whatever their names, and so are folders', async (t) => {
    const folder = temporaryFolder()
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content)
    for (const name of FOLDERS) mkdirSync(join(folder, name))
    symlinkSync('holiday.json', join(folder, 'link.json'))
    const lines: string[] = []
    const server = await serve(t, { folder, logger: pino({}, { write: (line) => lines.push(line) }) })
    assert.match(
      lines.join(''),
      /"files":\["b.json","link.json"\],"msg":"not listed as tests, because they are links/
    )
    const { client } = server
    assert.equal((await client.status()).tests.corrupt, 0)
    assert.deepEqual(await client.listTests(), [])
    await assert.rejects(client.deleteTest('holiday'), { status: 409, code: 'foreign-file' })
    await assert.rejects(client.createTest('holiday'), { status: 409, code: 'test-exists' })
    await assert.rejects(client.getTest('holiday'), { status: 500, code: 'test-corrupt' })
    // A foreign file that appears while a test with its name runs is not replaced by that test's results.
    await client.createTest('late', { started: true })
    writeFileSync(join(folder, 'late.json'), '{"mine":1}')
    await assert.rejects(client.finishTest('late'), { status: 409, code: 'foreign-file' })
    // On a full disk, what stays of refused results would keep it full.
    assert.ok(!readdirSync(ownFolderOf(folder)).some((name) => name.endsWith('.unfinished')))
    await server.close()
    for (const [name, content] of Object.entries({ ...FILES, 'late.json': '{"mine":1}' }))
      assert.equal(readFileSync(join(folder, name), 'utf8'), content, name)
    for (const name of FOLDERS) assert.ok(existsSync(join(folder, name)), name)
  })

  it('that cannot be read are called that: one may be a results file', async (t) => {
    const folder = temporaryFolder()
    const path = join(folder, 'mine.json')
    writeFileSync(path, '{}')
    for (const method of ['openSync', 'readFileSync'] as const) {
      const read = fs[method] as (...all: unknown[]) => unknown
      t.mock.method(fs, method, (...all: unknown[]) => {
        if (all[0] === path) throw new Error('EIO: i/o error, read')
        return read(...all)
      })
    }
    const { client } = await serve(t, { folder })
    await assert.rejects(client.getTest('mine'), { message: /EIO: i\/o error/ })
    await assert.rejects(client.deleteTest('mine'), { status: 409, code: 'foreign-file' })
  })

  it('do not include a document whose start and end are booleans, as in an earlier format', async (t) => {
    const first = await serve(t)
    await first.client.createTest('done', { started: true })
    await first.client.submitPoint('done', 'p', samplePoint('p', 0))
    await first.client.finishTest('done')
    await first.close()
    const folder = temporaryFolder()
    const document = readFileSync(join(first.folder, 'done.json'), 'utf8')
    writeFileSync(
      join(folder, 'done.json'),
      document.replace(/"started":[\d.]+,"finished":[\d.]+/, '"started":true,"finished":true')
    )
    const { client } = await serve(t, { folder })
    const [listed] = await client.listTests()
    assert.deepEqual([listed?.id, listed?.state], ['done', 'finished'])
    await client.deleteTest('done')
    assert.ok(!existsSync(join(folder, 'done.json')))
  })
})

it('a journal without a complete line is removed, and named in the log', async (t) => {
  const folder = temporaryFolder()
  for (const [id, content] of Object.entries({ emptied: '', torn: '{"created":' }))
    writeFileSync(join(folder, `${id}.0123456789abcdef.journal`), content)
  const lines: string[] = []
  const { client } = await serve(t, { folder, logger: pino({}, { write: (line) => lines.push(line) }) })
  assert.deepEqual(await client.listTests(), [])
  for (const id of ['emptied', 'torn']) {
    assert.equal(journalOf(folder, id), undefined)
    assert.match(lines.join(''), new RegExp(`"test":"${id}",.*removed a journal that a crash left`))
  }
})

describe('a results file', () => {
  it('that vanishes or is truncated makes only its own test answer 500', async (t) => {
    const { client, folder, url } = await serve(t)
    for (const id of ['gone', 'cut', 'whole']) {
      await client.createTest(id, { started: true })
      await client.submitPoints(id, [samplePoint('p', 0), samplePoint('p', 1)])
      await client.finishTest(id)
    }
    unlinkSync(join(folder, 'gone.json'))
    truncateSync(join(folder, 'cut.json'), 5_000)
    for (const id of ['gone', 'cut']) {
      const answer = await fetch(`${url}/test/${id}?dataPoints=true`)
      assert.deepEqual(
        [id, answer.status, ((await answer.json()) as { error: string }).error],
        [id, 500, 'test-corrupt']
      )
      await client.deleteTest(id)
    }
    assert.equal((await client.getDocument('whole')).dataPoints.length, 2)
  })

  it('that is cut after any of its lines is not served', async (t) => {
    const { client, folder, url } = await serve(t)
    await client.createTest('cut', { started: true })
    await client.submitRunnerSample('cut', 'r', sampleRunner(0))
    await client.submitTopology('cut', {
      at: 1,
      source: 'peers',
      nodes: [{ id: 'p', connectedPeers: ['q'] }]
    })
    await client.submitPoints('cut', [samplePoint('p', 0), samplePoint('p', 1)])
    await client.submitPeerResults('cut', 'p', sampleResults(0, 1, 2))
    await client.finishTest('cut')
    const path = join(folder, 'cut.json')
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    for (let count = lines.length; count > 0; count--) {
      writeFileSync(path, `${lines.slice(0, count).join('\n')}\n`)
      const { status } = await fetch(`${url}/test/cut?dataPoints=true`)
      assert.equal(status, count === lines.length ? 200 : 500, `${count} of ${lines.length} lines`)
    }
  })

  it('has its start and end as times, for scripts that add seconds to them', async (t) => {
    const { client } = await serve(t)
    await client.createTest('times', { started: true })
    const running = await client.getTest('times')
    const started = Math.round(running.startsAt!)
    assert.deepEqual([running.started, running.finished], [started, undefined])
    const { finishedAt } = await client.finishTest('times')
    for (const state of [await client.getTest('times'), await client.getDocument('times')])
      assert.deepEqual([state.started, state.finished], [started, Math.round(finishedAt!)])
  })
})
