import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ensure, TURN_SERVER } from '../tools/requirements'
import { startClients, startTestLab, type TestLab } from './support/lab'
import { until } from './support/processes'

const [USER, PASSWORD] = ['peer', 'secret']

describe('peers that may use only TURN', () => {
  let lab: TestLab
  let turn: ChildProcess
  let folder: string
  let port: number
  before(async () => {
    ensure(TURN_SERVER)
    lab = await startTestLab()
    folder = mkdtempSync(join(tmpdir(), 'turn-'))
    port = await freePort()
    turn = startTurnServer(port, folder)
    await until('TURN', () =>
      Promise.resolve(log().includes('Listener opened') || log().includes('listener opened'))
    )
  })
  after(async () => {
    turn.kill('SIGKILL')
    await once(turn, 'exit')
    await lab.close()
    rmSync(folder, { recursive: true })
  })
  const log = () => {
    try {
      return readFileSync(join(folder, 'turn.log'), 'utf8')
    } catch {
      return ''
    }
  }

  it('hear each other through the server, which sees each of them', async () => {
    await lab.client.createTest('relayed', { expectedPeers: 3, duration: 5, warmup: 1 })
    const run = startClients(lab, 'relayed', {
      PEERS_COUNT: '3',
      PEERS_PER_TAB: '3',
      TURN: 'only',
      ICE_SERVERS: JSON.stringify([{ urls: `turn:127.0.0.1:${port}`, username: USER, credential: PASSWORD }])
    })
    assert.deepEqual(await run.failures, [], run.output.join('\n'))
    const { summary } = await lab.client.finishTest('relayed')
    assert.ok(
      summary!.delivery.position! > 0.95 && summary!.received.position > 50,
      JSON.stringify(summary!.received)
    )
    assert.equal(summary!.provenance.runners[0]!.turn, true)
    const allocations = log().match(/ALLOCATE processed, success/g) ?? []
    assert.ok(allocations.length >= 3, log().slice(-2000))
  })

  it('are refused in one line if no TURN server is named', async () => {
    await lab.client.createTest('none')
    const failures = await startClients(lab, 'none', { TURN: 'only' }).failures
    assert.equal(failures.length, 1)
    assert.match(failures[0]!, /^TURN is "only", but ICE_SERVERS names no TURN server/)
  })
})

/** Starts coturn on the loopback interface only. */
function startTurnServer(port: number, folder: string): ChildProcess {
  const flags = [
    ...[
      '--no-cli',
      '--no-tls',
      '--no-dtls',
      '--lt-cred-mech',
      '--allow-loopback-peers',
      '--verbose',
      '--simple-log'
    ],
    ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
    ...['--user', `${USER}:${PASSWORD}`, '--realm', 'test', '-c', '/dev/null'],
    ...['--pidfile', join(folder, 'turn.pid'), '--log-file', join(folder, 'turn.log')],
    ...['--userdb', join(folder, 'turn.db')]
  ]
  return spawn('turnserver', flags, { stdio: 'ignore' })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
