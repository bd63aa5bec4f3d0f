import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { fakeRun } from '../analysis/testing/fake-runs'
import type { Plan } from './plan'
import { CampaignStore } from './store'

const PLAN = { id: 'mine', command: 'compare', variants: [] } as unknown as Plan

describe('a stored campaign', () => {
  let folder: string
  let store: CampaignStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'campaigns-'))
    store = new CampaignStore(folder)
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('that was killed before it was saved is refused by name, and can be started again', async () => {
    await assert.rejects(store.open('mine', 'compare'), /No comparison is named "mine"/)
    assert.equal(existsSync(store.folder('mine')), false)
    await mkdir(store.folder('mine'), { recursive: true })
    await assert.rejects(store.open('mine', 'compare'), {
      name: 'UserError',
      message: `No comparison is named "mine" in ${join(folder, 'comparisons')}, or it has no blocks to resume`
    })
    await store.create(PLAN)
    assert.deepEqual((await store.open('mine', 'compare')).runs, [])
  })

  it('is not what a comparison of existing results has left, which neither begins nor goes on', async () => {
    await mkdir(store.folder('mine'), { recursive: true })
    await writeFile(join(store.folder('mine'), 'comparison.json'), '{}')
    const message = /^No comparison is named "mine" in .*, or it has no blocks to resume$/
    await assert.rejects(store.open('mine', 'compare'), { name: 'UserError', message })
    await assert.rejects(store.create(PLAN), /"mine" already exists/)
  })

  it('that is damaged is refused in one line', async () => {
    await store.create(PLAN)
    const file = join(store.folder('mine'), 'campaign.json')
    const whole = await readFile(file, 'utf8')
    const parts = ['"plan":{}', '"plan":{"variants":[]}', `${whole.slice(1, -1)},"simulated":null`]
    for (const run of ['null', '{}', JSON.stringify({ ...fakeRun(0, 1), summary: { version: 1 } })])
      parts.push(`${whole.slice(1, -1)},"runs":[${run}]`)
    for (const text of [whole.slice(0, -9), '{}', 'null', ...parts.map((part) => `{${part}}`)]) {
      await writeFile(file, text)
      await assert.rejects(store.open('mine', 'compare'), {
        name: 'UserError',
        message: /campaign\.json is damaged: [^\n]+$/
      })
    }
  })

  it('that cannot be saved says so in one line, and remains as it was', async () => {
    const campaign = await store.create(PLAN)
    const file = join(store.folder('mine'), 'campaign.json')
    const before = await readFile(file, 'utf8')
    // In the way, as a full disk is.
    await mkdir(`${file}.tmp`)
    await assert.rejects(store.save({ ...campaign, ended: 'decided' }), {
      name: 'UserError',
      message: /^Can't write to the results folder .*comparisons\/mine \(EISDIR/
    })
    assert.equal(await readFile(file, 'utf8'), before)
    await rm(join(folder, 'comparisons'), { recursive: true })
    await writeFile(join(folder, 'comparisons'), 'in the way')
    await assert.rejects(store.create({ ...PLAN, id: 'other' }), {
      name: 'UserError',
      message: /^Can't write to the results folder .*comparisons\/other \(E/
    })
  })

  it('belongs to one process at a time, until that process is killed', async (t) => {
    const taking = `require('./orchestration/store').lockCampaign(${JSON.stringify(store.folder('mine'))})`
    const script = `${taking}; console.log('taken'); setInterval(() => {}, 1000)`
    const other = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', script])
    t.after(() => other.kill('SIGKILL'))
    const [said] = (await once(other.stdout, 'data')) as [Buffer]
    assert.equal(said.toString(), 'taken\n')
    const message = /Another process is running "mine"/
    await assert.rejects(store.create(PLAN), { name: 'UserError', message })
    await assert.rejects(store.open('mine', 'compare'), { name: 'UserError', message })
    other.kill('SIGKILL')
    await once(other, 'close')
    const anew = "delete require.cache[require.resolve('./orchestration/store')]"
    const both = `${taking}; ${anew}; try { ${taking} } catch ({ message }) { console.log(message) }`
    const { stdout } = await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', '-e', both])
    assert.match(stdout, message, 'one of two that take it at once')
    await store.create(PLAN)
  })
})
