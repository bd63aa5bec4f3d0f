import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PlainProgress } from '../cli/progress'
import { startResultsServer } from '../server/app'
import { publishAddress } from '../server/published-address'
import { FolderInUseError } from '../server/store/start-error'
import { startLocalServer, type LocalServer } from './server'

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

  async function second(token: string | undefined): Promise<{ server: LocalServer; said: string }> {
    const lines: string[] = []
    const progress = new PlainProgress((line) => lines.push(line))
    const usualToken = process.env.RESULTS_SERVER_TOKEN
    if (token !== undefined) process.env.RESULTS_SERVER_TOKEN = token
    try {
      return { server: await startLocalServer({ port: 0 }, undefined, progress), said: lines.join('\n') }
    } finally {
      if (usualToken === undefined) delete process.env.RESULTS_SERVER_TOKEN
      else process.env.RESULTS_SERVER_TOKEN = usualToken
    }
  }

  const cases = [
    { name: 'uses the server that publishes its address', publishes: true, token: 'right', shares: true },
    {
      name: 'takes another folder beside one that does not',
      publishes: false,
      token: 'right',
      shares: false
    },
    { name: 'takes another folder beside one that refuses it', publishes: true, token: 'no', shares: false }
  ]
  for (const { name, publishes, token, shares } of cases)
    it(name, async () => {
      const first = await startResultsServer({ port: 0, folder: folders().usual, controlToken: 'right' })
      if (publishes) publishAddress(folders().usual, first.url)
      const { server, said } = await second(token)
      try {
        assert.equal(server.url === first.url, shares)
        assert.equal(server.folder, shares ? folders().usual : folders().next)
        assert.match(
          said,
          shares ? /already runs: watch the test at http/ : /results of this run go to .*-2\.$/
        )
      } finally {
        await server.close()
        await first.close()
      }
    })

  it('refuses a chosen folder that is in use', async () => {
    const first = await startResultsServer({ port: 0, folder: folders().usual })
    try {
      await assert.rejects(
        startLocalServer({ port: 0 }, folders().usual, new PlainProgress(() => undefined)),
        FolderInUseError
      )
    } finally {
      await first.close()
    }
  })
})
