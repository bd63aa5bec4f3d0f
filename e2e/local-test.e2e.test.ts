import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { exitCodeOf } from '../cli/exit-code'
import { startCommand } from './support/command'
import { readDocument } from './support/lab'
import { processesWith } from '../tools/testing/processes'
import { until } from './support/processes'

const folder = mkdtempSync(join(tmpdir(), 'local-test-'))

/** Runs `npm start` with these flags, on free ports, because other tests may run at the same time. */
async function start(args: string[], env: Record<string, string> = {}) {
  const [lighthouse, server, page] = await freePorts(3)
  const ports = ['--lighthouse-port', lighthouse, '--server-port', server, '--page-port', page].map(String)
  return { ports: [lighthouse!, server!, page!], ...run([...args, ...ports], env) }
}

function run(args: string[], env: Record<string, string> = {}) {
  const mark = randomUUID()
  const command = startCommand('run', args, {
    TEST_RESULTS_LOCATION: folder,
    E2E_MARK: mark,
    ...env
  })
  return { command, leftovers: () => processesWith(`E2E_MARK=${mark}`) }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return ports
}

async function listen(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe('npm start', () => {
  after(() => rmSync(folder, { recursive: true }))

  it('runs a whole test and ends with the table, the file and the right code', async () => {
    const { command, leftovers } = await start([
      ...['--peers', '4', '--peers-per-tab', '2', '--duration', '6', '--warmup', '2'],
      ...['--library', 'layers', '--id', 'whole', '--seed', '7'],
      ...['--label', 'branch=main', '--threshold', 'delivery.position>=0.99']
    ])
    const { code, output } = await command.ended
    const document = readDocument(folder, 'whole')
    const { summary } = document
    assert.ok(summary, output)
    // A busy machine makes the result void, and the exit code must then say so; the mesh must have worked
    // well anyway.
    assert.equal(code, exitCodeOf({ summary }), output)
    assert.equal(summary.thresholds[0]?.passed, true, output)
    for (const kind of ['position', 'profile'] as const) assert.ok(summary.delivery[kind]! >= 0.99, output)
    const owed = 4 * 3 * 4 * 10
    if (summary.verdict === 'valid') assert.ok(summary.received.position >= 0.99 * owed, output)
    assert.equal(summary.mesh.components, 1)
    // The tabs of one machine share the runner's estimate of the server's clock.
    assert.equal(summary.latencyClockError, 0)
    assert.deepEqual(document.labels, {
      library: 'layers',
      build: 'layers',
      routine: 'stand',
      branch: 'main'
    })
    assert.equal(document.seed, 7)
    assert.equal(Object.keys(document.peerResults).length, 4)
    assert.ok(document.runnerSamples.length >= 3 && document.runnerSamples.some(({ cpu }) => cpu.browser > 0))
    assert.match(output, /position +\d{3} +\d{3} +\d{3} /)
    assert.match(output, new RegExp(`Results: ${join(folder, 'whole')}.json`))
    assert.deepEqual(leftovers(), [])
  })

  it('runs two builds of the library in one mesh, and sums up each', async () => {
    const builds = ['--library', 'layers@0.2.17:1,layers@0.2.20:2', '--peers', '3']
    const { command } = await start([...builds, '--duration', '4', '--warmup', '1', '--id', 'mixed'])
    const { output } = await command.ended
    const { summary, peerResults } = readDocument(folder, 'mixed')
    assert.ok(summary, output)
    assert.deepEqual(summary.provenance.libraries.map(({ version }) => version).sort(), ['0.2.17', '0.2.20'])
    const versions = Object.values(peerResults).sort((one, other) => one.number - other.number)
    assert.deepEqual(
      versions.map(({ library }) => library.version),
      ['0.2.17', '0.2.20', '0.2.20']
    )
    assert.ok(summary.delivery.all! >= 0.99, output)
    assert.match(output, /katalyst-peer@0\.2\.17 \(\S{8}\) +1 .*\n.*katalyst-peer@0\.2\.20 \(\S{8}\) +2 /)
  })

  it('refuses builds whose peers would never connect to each other', async () => {
    const { command } = run(['--library', 'layers:4,islands:4'])
    const { code, output } = await command.ended
    assert.equal(code, 1)
    assert.match(output, /Peers of "layers" and "islands" never connect to each other/)
  })

  it('runs islands, and ends with code 2 if a threshold is missed, or 3 if the result is void', async () => {
    const { command } = await start([
      ...['--library', 'islands', '--peers', '2', '--duration', '4', '--warmup', '1'],
      ...['--id', 'missed', '--threshold', 'delivery.all>1']
    ])
    const { code, output } = await command.ended
    const { summary } = readDocument(folder, 'missed')
    assert.ok(summary!.delivery.all! >= 0.99, output)
    assert.equal(summary!.thresholds[0]?.passed, false)
    assert.equal(code, summary!.verdict === 'void' ? 3 : 2, output)
  })

  it('stopped by Ctrl-C, keeps what it has and leaves no process and no port', async () => {
    const { command, leftovers, ports } = await start([
      ...['--peers', '4', '--peers-per-tab', '2', '--duration', '600', '--id', 'interrupted']
    ])
    await until('running', () => command.output.includes(' of 600 s'))
    command.kill('SIGINT')
    const { code, output } = await command.ended
    assert.equal(code, 1)
    assert.match(output, /Stopped before the end/)
    const { peerResults, summary } = readDocument(folder, 'interrupted')
    // It waits some seconds for final results. If a busy machine needs longer, the test says what is missing.
    const missing = summary?.reasons.some(({ rule }) => rule === 'silent-peer')
    assert.ok(Object.keys(peerResults).length === 4 || missing, output)
    await until(`no process of ${leftovers().join(', ')}`, () => leftovers().length === 0)
    for (const port of ports) (await listen(port)).close()
  })

  it('killed, ends its browser as well', async () => {
    const { command, leftovers } = await start(['--peers', '2', '--duration', '600'])
    await until('running', () => command.output.includes(' of 600 s'))
    command.kill('SIGKILL')
    await command.ended
    await until(`no process of ${leftovers().join(', ')}`, () => leftovers().length === 0)
  })

  it('refuses a port that the user set if it is taken', async () => {
    const server = await listen(0)
    const { port } = server.address() as AddressInfo
    const { command, leftovers } = run(['--server-port', String(port)])
    const { code, output } = await command.ended
    server.close()
    assert.equal(code, 1)
    assert.match(
      output,
      new RegExp(`^Port ${port} is in use: give the results server another one by --server-port`, 'm')
    )
    assert.deepEqual(leftovers(), [])
  })

  it('refuses a port that browsers block, in one line', async () => {
    // Each of 6665 to 6669 is blocked: two runs of this test on one machine rarely meet.
    const { command, leftovers } = run(['--server-port', String(6665 + (process.pid % 5))])
    const { code, output } = await command.ended
    assert.equal(code, 1)
    assert.match(output, /browsers refuse this port: choose another/)
    assert.doesNotMatch(output, /^ +at /m, 'no stack')
    assert.deepEqual(leftovers(), [])
  })
})
