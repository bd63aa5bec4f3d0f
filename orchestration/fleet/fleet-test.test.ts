import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PlainProgress } from '../../cli/progress'
import { UserError } from '../../cli/user-error'
import { ResultsClient } from '../../protocol/api-client'
import { sampleResults, sampleRunner } from '../../server/testing/sample-data'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { serve } from '../../server/testing/test-server'
import { startBarriers } from '../together'
import type { Engine, Exit, Job } from '../../deploy/runners/engine'
import { runFleetTest, type Fleet, type FleetTest, withLoss } from './fleet-test'

const SUBMIT = 'submit-token'
const quiet = { progress: new PlainProgress(() => undefined), signal: new AbortController().signal }
const TEST: FleetTest = {
  ...{ id: 'a', peers: 5, peersPerTab: 3, duration: 2, warmup: 0, library: 'layers', slot: 0 },
  ...{ thresholds: [], labels: {}, page: { index: '<html>', bundle: 'run()' } }
}

/** What a runner's process does, without a browser. */
async function run({ variables }: Job): Promise<void> {
  const { RESULTS_SERVER_URL: url = '', TEST_ID: id = '', RUNNER_ID: runnerId = '' } = variables
  const client = new ResultsClient({ url, token: variables.RESULTS_SERVER_SUBMIT_TOKEN! })
  const [first, count] = [Number(variables.FIRST_PEER_NUMBER), Number(variables.PEERS_COUNT)]
  const sample = { firstPeer: first, peers: { wanted: count, ready: 0, done: 0 } }
  assert.equal(
    (await client.submitRunnerSample(id, runnerId, sampleRunner(0, sample))).firstPeerNumber,
    first
  )
  assert.ok(await client.getPage(id))
  const peers = Array.from({ length: count }, (_, index) => first + index)
  for (const peer of peers) await client.peerReady(id, `p${peer}`)
  await client.waitForTest(id, 'started')
  for (const peer of peers) await client.submitPeerResults(id, `p${peer}`, sampleResults(peer, 1e12, 2e12))
}

async function fleetOf(
  t: TestContext,
  runner: (job: Job) => Promise<Exit>,
  looks = [['n1', 'n2']],
  said: string | Error = `Failed: no browser, ${SUBMIT}`,
  runnerSilenceMs = 60_000
) {
  const server = await serve(t, { controlToken: 'control-token', submitToken: SUBMIT, runnerSilenceMs })
  const stopped: string[] = []
  const jobs: Job[] = []
  const engine: Engine = {
    named: [],
    servers: () => Promise.resolve({ address: '127.0.0.1' }),
    nodes: () => {
      const names = looks.length > 1 ? looks.shift()! : looks[0]!
      return Promise.resolve(names.map((name) => ({ name, cores: 2 })))
    },
    start: (_id, given) => {
      jobs.push(...given)
      return Promise.resolve({
        exits: given.map(runner),
        logs: (node) =>
          said instanceof Error ? Promise.reject(said) : Promise.resolve(`Opening tabs\n${said}, on ${node}`),
        stop: () => Promise.resolve(void stopped.push('all'))
      })
    }
  }
  const servers: Fleet['servers'] = {
    ...{ client: server.client, token: undefined, submitToken: SUBMIT, resultsServerUrl: server.url },
    ...{ dashboardUrl: server.url, sharedLighthouse: { url: 'http://localhost:9' } },
    close: () => Promise.resolve()
  }
  const fleet: Fleet = { engine, servers, placement: { nodes: ['n1', 'n2'], coresEach: undefined } }
  return { fleet, stopped, jobs, folder: server.folder }
}

const exited = async (job: Job): Promise<Exit> => ({ node: job.node, code: (await run(job), 0) })
const unending = new Promise<never>(() => undefined)

describe('a test on a fleet', () => {
  it('gives each node its peers, and ends when they have submitted their results', async (t) => {
    const { fleet, stopped, jobs, folder } = await fleetOf(t, exited)
    const { failures, lost, hasStarted, summary } = await runFleetTest(fleet, TEST, quiet, folder)
    assert.deepEqual(
      { failures, lost, hasStarted, stopped },
      { failures: [], lost: undefined, hasStarted: true, stopped: ['all'] }
    )
    assert.equal(summary?.peers.done, 5)
    assert.deepEqual(
      jobs.map(({ node, variables: { PEERS_COUNT, NODE_NAME } }) => [node, PEERS_COUNT, NODE_NAME]),
      [
        ['n1', '3', 'n1'],
        ['n2', '2', 'n2']
      ]
    )
  })

  it('keeps its results, and says so, if somebody else finishes it before its time', async (t) => {
    const { fleet, folder } = await fleetOf(t, async (job) => {
      const exit = await exited(job)
      const { client } = fleet.servers
      while ((await client.getTest('a')).peers.done < TEST.peers) await sleep(10)
      if (job.node === 'n1') await client.finishTest('a')
      return exit
    })
    const { failures, summary } = await runFleetTest(fleet, { ...TEST, duration: 3600 }, quiet, folder)
    assert.deepEqual(failures, ['The test was finished before its time: existing results are kept'])
    assert.equal(summary?.peers.done, 5)
  })

  it('is void, and nobody’s failure, if a node is lost', async (t) => {
    const { fleet, stopped, folder } = await fleetOf(t, ({ node }) =>
      node === 'n1' ? unending : Promise.resolve({ node, code: null, lost: 'its power went' })
    )
    const outcome = await runFleetTest(fleet, TEST, quiet, folder)
    const { failures, lost } = outcome
    assert.deepEqual(
      { failures, lost, stopped },
      { failures: [], lost: 'n2 was lost: its power went', stopped: ['all'] }
    )
    assert.deepEqual(withLoss(outcome).failures, [lost], 'nobody repeats it')
  })

  it('is void, and ends, if machines are gone before it starts, whatever the engine thinks', async (t) => {
    const vanish = async ({ variables: { TEST_ID = '', RUNNER_ID = '' } }: Job) => {
      await fleet.servers.client.submitRunnerSample(TEST_ID, RUNNER_ID, sampleRunner(0))
      return unending
    }
    const { fleet, folder } = await fleetOf(t, vanish, undefined, undefined, 1)
    const { failures, lost } = await runFleetTest(fleet, TEST, quiet, folder)
    assert.deepEqual(
      { failures, lost },
      { failures: [], lost: 'n1 was lost: the results server does not hear from its runner' }
    )
  })

  it('names what a runner that failed has said, without tokens', async (t) => {
    const { fleet, folder } = await fleetOf(t, ({ node }) =>
      node === 'n1' ? unending : Promise.resolve({ node, code: 1 })
    )
    const { failures, hasStarted } = await runFleetTest(fleet, TEST, quiet, folder)
    assert.deepEqual(failures, ['n2: the runner ended with code 1: no browser, [token], on n2'])
    assert.equal(hasStarted, false)
  })

  for (const [what, said, told] of [
    [
      'the error of a stack',
      'TypeError: x is null\n    at a (b.js:1) {\n  code: 1\n}\n\nNode.js v20.20.2',
      /: TypeError: x is null$/
    ],
    [
      'the cause before advice',
      'No browser was found: install one:\n  sudo apt-get',
      /: No browser was found: install one:$/
    ],
    ['that nobody can tell', new UserError('kubectl get: pod not found'), /: kubectl get: pod not found$/]
  ] as const)
    it(`names ${what}`, async (t) => {
      const { fleet, folder } = await fleetOf(
        t,
        ({ node }) => Promise.resolve({ node, code: 1 }),
        undefined,
        said
      )
      const { failures } = await runFleetTest(fleet, TEST, quiet, folder)
      assert.match(failures[0]!, told)
    })

  it('is void if a runner is stopped from outside', async (t) => {
    const { fleet, folder } = await fleetOf(
      t,
      ({ node }) => (node === 'n1' ? unending : Promise.resolve({ node, code: 1 })),
      [['n1', 'n2']],
      'SIGTERM: stopping. Press Ctrl-C again to quit now'
    )
    const { failures, lost } = await runFleetTest(fleet, TEST, quiet, folder)
    assert.deepEqual(
      { failures, lost },
      { failures: [], lost: 'n2 was lost: its runner was stopped from outside' }
    )
  })

  for (const barrier of [undefined, startBarriers(1)[0]])
    it(`ends if the engine cannot start its runners, ${barrier ? 'with' : 'without'} others`, async (t) => {
      const { fleet, folder } = await fleetOf(t, exited)
      fleet.engine.start = () => Promise.reject(new Error('no room'))
      const parts = { ...quiet, ...(barrier && { barrier }) }
      await assert.rejects(runFleetTest(fleet, TEST, parts, folder), /^Error: no room$/)
      assert.equal((await fleet.servers.client.getTest('a')).state, 'finished')
    })

  it('of another server replaces no results here', async (t) => {
    const { fleet } = await fleetOf(t, exited)
    const here = temporaryFolder()
    const file = join(here, 'a.json')
    writeFileSync(file, 'of another test')
    const servers = { ...fleet.servers, token: 'control-token', dashboardUrl: undefined }
    await assert.rejects(
      runFleetTest({ ...fleet, servers }, TEST, quiet, here),
      /a\.json exists: choose another/
    )
    assert.equal(readFileSync(file, 'utf8'), 'of another test')
    await assert.rejects(servers.client.getTest('a'), { status: 404 })
  })

  it('says in one line that it was stopped while a node was away', async (t) => {
    const { fleet, folder } = await fleetOf(t, exited)
    const controller = new AbortController()
    fleet.engine.nodes = () => {
      controller.abort(new UserError('Stopped by SIGINT'))
      return Promise.resolve([{ name: 'n1', cores: 2 }])
    }
    const stopped = runFleetTest(fleet, TEST, { ...quiet, signal: controller.signal }, folder)
    await assert.rejects(stopped, /^UserError: Stopped by SIGINT$/)
  })

  it('waits for a node that is away, and for an engine that does not answer', async (t) => {
    const { fleet, folder } = await fleetOf(t, exited, [['n1'], ['n1', 'n2']])
    const nodes = fleet.engine.nodes.bind(fleet.engine)
    fleet.engine.nodes = () => {
      fleet.engine.nodes = nodes
      return Promise.reject(new UserError('kubectl get nodes: connection refused'))
    }
    const { failures } = await runFleetTest(fleet, TEST, quiet, folder)
    assert.deepEqual(failures, [])
  })
})
