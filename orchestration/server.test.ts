import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PlainProgress } from '../cli/progress'
import { startResultsServer } from '../server/app'
import { FolderInUseError, publishAddress } from '../server/store/results-folder'
import { startLocalServer } from './server'

describe('the results server of a local test', () => {
  const usual = process.env.TEST_RESULTS_LOCATION
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-server-'))
    process.env.TEST_RESULTS_LOCATION = join(folder, 'results')
  })
  after(async () => {
    if (usual === undefined) delete process.env.TEST_RESULTS_LOCATION
    else process.env.TEST_RESULTS_LOCATION = usual
    await rm(folder, { recursive: true, force: true })
  })

  const folders = () => ({ usual: join(folder, 'results'), next: join(folder, 'results-2') })

  interface Environment {
    control?: string
    submit?: string
  }

  async function second({ control, submit }: Environment, port?: number) {
    const lines: string[] = []
    const progress = new PlainProgress((line) => lines.push(line))
    const before = { ...process.env }
    Object.assign(process.env, {
      RESULTS_SERVER_TOKEN: control ?? '',
      RESULTS_SERVER_SUBMIT_TOKEN: submit ?? ''
    })
    try {
      return { server: await startLocalServer({ port: 0 }, { port }, progress), said: lines.join('\n') }
    } finally {
      for (const name of ['RESULTS_SERVER_TOKEN', 'RESULTS_SERVER_SUBMIT_TOKEN'])
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
        else process.env[name] = before[name]
    }
  }

  interface Case {
    name: string
    publishes?: boolean
    port?: number
    needs?: Environment
    has: Environment
    /** The token that its pages get, or what keeps the two apart. */
    then: { pageToken: string | undefined } | { said: RegExp }
  }
  const NEEDED = { control: 'right', submit: 'pages' }
  const cases: Case[] = [
    { name: 'uses the one that publishes its address', needs: {}, has: {}, then: { pageToken: undefined } },
    { name: 'gives its pages the submit token', has: NEEDED, then: { pageToken: 'pages' } },
    {
      name: 'does not share without a submit token',
      has: { control: 'right' },
      then: { said: /set RESULTS_SERVER_SUBMIT_TOKEN/ }
    },
    {
      name: 'does not share with a wrong submit token',
      has: { control: 'right', submit: 'no' },
      then: { said: /set RESULTS_SERVER_SUBMIT_TOKEN/ }
    },
    {
      name: 'never gives its pages the control token',
      has: { control: 'right', submit: 'right' },
      then: { said: /set RESULTS_SERVER_SUBMIT_TOKEN/ }
    },
    { name: 'does not share with one that refuses it', has: { control: 'no' }, then: { said: /can't take/ } },
    { name: 'does not share if a port was chosen', has: NEEDED, port: 0, then: { said: /Another/ } },
    { name: 'does not share with one that hides', publishes: false, has: NEEDED, then: { said: /Another/ } }
  ]
  for (const { name, publishes = true, needs = NEEDED, has, port, then } of cases)
    it(name, async () => {
      const first = await startResultsServer({
        port: 0,
        folder: folders().usual,
        controlToken: needs.control,
        submitToken: needs.submit
      })
      if (publishes) publishAddress(folders().usual, first.url)
      const { server, said } = await second(has, port)
      try {
        if ('pageToken' in then) {
          assert.match(said, /already runs: watch the test at http/)
          assert.deepEqual(
            { url: server.url, folder: server.folder, pageToken: server.pageToken },
            { url: first.url, folder: folders().usual, pageToken: then.pageToken }
          )
        } else {
          assert.match(said, then.said)
          assert.match(said, /results of this run go to .*-2\.$/)
          assert.equal(server.folder, folders().next)
        }
      } finally {
        await server.close()
        await first.close()
      }
    })

  it('refuses a chosen folder that is in use', async () => {
    const first = await startResultsServer({ port: 0, folder: folders().usual })
    try {
      await assert.rejects(
        startLocalServer({ port: 0 }, { folder: folders().usual }, new PlainProgress(() => undefined)),
        FolderInUseError
      )
    } finally {
      await first.close()
    }
  })
})
