/**
 * Are the figures true? Two peers in two network namespaces, connected by a link with known delay and loss:
 * the latency that the suite measures must be the link's.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { ResultsClient } from '../../protocol/api-client'
import { docker, REPOSITORY, run, succeed, until } from './docker'
import { TOKENS } from './lab'
import { unexpectedReasons } from './load'

const DELAY_MS = 40
const LOSS = 0.03
const NEAR = { container: 'link-near', port: 'tap-near', address: '10.99.0.1' }
const FAR = { container: 'link-far', port: 'tap-far', address: '10.99.0.2' }
const TEST_ID = 'link'

describe(`two peers over a link of ${DELAY_MS} ms and ${100 * LOSS}% loss each way`, () => {
  let link: ChildProcess
  let server: ResultsClient

  before(async () => {
    for (const { container } of [NEAR, FAR]) {
      await docker(
        'run',
        '--detach',
        '--init',
        '--name',
        container,
        '--network',
        'none',
        'node:22-trixie-slim',
        'sleep',
        '600'
      )
    }
    link = spawn('e2e/containers/taplink.py', [DELAY_MS, LOSS, NEAR.port, FAR.port].map(String), {
      cwd: REPOSITORY
    })
    await once(link.stdout!, 'data')
    await connect(NEAR, FAR.address)
    await connect(FAR, NEAR.address)
    const tokens = [
      '--env',
      `RESULTS_SERVER_TOKEN=${TOKENS.control}`,
      '--env',
      `RESULTS_SERVER_SUBMIT_TOKEN=${TOKENS.submit}`
    ]
    await startServer('link-results-server', 'catalyst-peer/server', tokens)
    await startServer(
      'link-lighthouse',
      'catalyst-peer/server',
      ['--env', 'PORT=9000'],
      ['node', 'lighthouse.js']
    )
    server = resultsServerOf(NEAR.container)
  })

  after(async () => {
    link.kill()
    await run('docker', [
      'rm',
      '--force',
      '--volumes',
      'link-results-server',
      'link-lighthouse',
      NEAR.container,
      FAR.container
    ])
  })

  it('are measured to be that far apart', async () => {
    await server.createTest(TEST_ID, { expectedPeers: 2, duration: 25 })
    const ends = await Promise.all([NEAR, FAR].map(({ container }) => runClient(container)))
    for (const { code, output } of ends) assert.equal(code, 0, output)
    await server.waitForTest(TEST_ID, 'finished')
    const { delivery, latency, received, latencyClockError, verdict, reasons } =
      await server.getSummary(TEST_ID)
    console.log(
      `Link of ${DELAY_MS} ms, ${100 * LOSS}% loss: latency p50 ${latency.all?.p50} ms, p95 ${latency.all?.p95} ms ` +
        `(clocks ±${latencyClockError} ms), delivery ${delivery.all}, ${verdict} ${reasons.map(({ rule }) => rule).join(' ')}`
    )
    assert.ok(received.position > 300, `${received.position} position messages arrived`)
    const p50 = latency.all?.p50 ?? NaN
    assert.ok(p50 >= DELAY_MS && p50 <= 1.5 * DELAY_MS, `latency p50 is ${p50} ms`)
    // The data channel is reliable: a lost packet arrives late, not never.
    assert.ok((delivery.all ?? 0) >= 0.99, `delivery is ${delivery.all}`)
    assert.ok((latency.all?.max ?? 0) > 2 * DELAY_MS, 'nothing was ever lost on the way')
    // Round trips alone would bound the clock error to ±40 ms; both ends read the same kernel clock, and know
    // it.
    assert.ok((latencyClockError ?? NaN) < DELAY_MS / 10, `the clocks are known to ±${latencyClockError} ms`)
    assert.deepEqual(unexpectedReasons(reasons), [])
  })
})

/** Moves the link's port into the container and makes it the default route, which Chromium requires. */
async function connect({ container, port, address }: typeof NEAR, gateway: string): Promise<void> {
  const pid = await docker('inspect', '--format', '{{.State.Pid}}', container)
  await succeed('ip', ['link', 'set', port, 'netns', pid])
  for (const command of [
    `address add ${address}/24 dev ${port}`,
    `link set ${port} up`,
    `route add default via ${gateway}`
  ]) {
    await succeed('nsenter', ['--target', pid, '--net', 'ip', ...command.split(' ')])
  }
}

/** Starts a server in the network of the near peer. */
async function startServer(
  name: string,
  image: string,
  options: string[],
  command: string[] = []
): Promise<void> {
  await docker(
    'run',
    '--detach',
    '--init',
    '--name',
    name,
    '--network',
    `container:${NEAR.container}`,
    ...options,
    image,
    ...command
  )
  await until(`${name} is healthy`, 30_000, async () => {
    const health = await docker('inspect', '--format', '{{.State.Health.Status}}', name)
    return health === 'healthy' || undefined
  })
}

function runClient(container: string) {
  const variables = {
    TEST_ID,
    PEERS_COUNT: '1',
    RESULTS_SERVER_URL: `http://${NEAR.address}:9904`,
    LIGHTHOUSE_URL: `http://${NEAR.address}:9000`,
    RESULTS_SERVER_SUBMIT_TOKEN: TOKENS.submit,
    RUNNER_ID: container
  }
  const options = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return run('docker', [
    'run',
    '--rm',
    '--init',
    '--network',
    `container:${container}`,
    ...options,
    'catalyst-peer/client'
  ])
}

/** This network publishes no port, so a process inside it makes the calls. */
function resultsServerOf(container: string): ResultsClient {
  const script = `const { url, init } = JSON.parse(require('fs').readFileSync(0, 'utf8'))
    fetch(url, init).then(async (r) => console.log(JSON.stringify({ status: r.status, body: await r.text() })))`
  globalThis.fetch = async (url, init) => {
    const { method, headers, body } = init ?? {}
    const input = JSON.stringify({ url, init: { method, headers, body } })
    const answer = await execute(['--interactive', container, 'node', '-e', script], input)
    const { status, body: text } = JSON.parse(answer) as { status: number; body: string }
    return new Response(text === '' ? null : text, { status })
  }
  return new ResultsClient({ url: 'http://127.0.0.1:9904', token: TOKENS.control })
}

/**
 * Retries if the engine could not start the process at all, as happens right after a container's start.
 * Nothing has been done in that case.
 */
async function execute(args: string[], input: string, attempts = 3): Promise<string> {
  try {
    return await succeed('docker', ['exec', ...args], { input })
  } catch (error) {
    if (attempts === 1 || !String(error).includes('OCI runtime exec failed')) throw error
    return execute(args, input, attempts - 1)
  }
}
