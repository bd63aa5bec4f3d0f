/** Tests the commands against a fake AWS command line, whose tunnel ends at a fake results server. */
import assert from 'node:assert/strict'
import { execFile, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { peerPerf } from '../tools/testing/program'

const OUTPUTS = {
  ClusterName: 'cluster',
  ResultsServiceName: 'results',
  ClientTaskDefinition: 'client:1',
  ClientSecurityGroup: 'sg-1',
  Subnets: 'subnet-1',
  ControlTokenSecret: 'arn:control',
  LogGroup: 'logs'
}

/** Answers by subcommand. */
const FAKE_AWS = `#!${process.execPath}
const { writeFileSync } = require('node:fs')
const { createServer } = require('node:http')
const args = process.argv.slice(2)
const option = (name) => args[args.indexOf(name) + 1]
const say = (answer) => console.log(JSON.stringify(answer))
const task = (_, i) => ({ taskArn: 'arn/' + i, lastStatus: 'STOPPED', containers: [{ name: 'results-server', runtimeId: 'r' }] })
const answers = {
  'describe-stacks': () => process.env.FAKE_DOWN
    ? (console.error('Stack with id CatalystPeerLab does not exist'), process.exit(254))
    : say({ Stacks: [{ Outputs: Object.entries(${JSON.stringify(OUTPUTS)}).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) }] }),
  'get-secret-value': () => say({ SecretString: 'token' }),
  'list-tasks': () => say({ taskArns: ['arn/server'] }),
  'describe-tasks': () => say({ tasks: [task(0, 0)] }),
  // Like aws's plugin: a process of its own, which keeps the port and the output.
  'start-session': () => require('node:child_process').spawn(process.execPath, [__filename, 'ssm', 'plugin', ...args.slice(2)], { stdio: 'inherit' }),
  'plugin': () => {
    const port = JSON.parse(option('--parameters')).localPortNumber[0]
    const state = { id: 'trial', state: 'finished', peers: { ready: 24, done: 24 }, expectedPeers: 24 }
    createServer((request, response) => {
      if (process.env.FAKE_STALL && request.url === '/test') return writeFileSync(process.env.FAKE_STALL, String(process.pid))
      if (process.env.FAKE_REFUSAL && request.url === '/test') return response.writeHead(401).end(process.env.FAKE_REFUSAL)
      const answer = request.url === '/test' ? [state, { ...state, id: 'other', state: 'running', ...JSON.parse(process.env.FAKE_OTHER ?? '{}') }] : state
      response.end(JSON.stringify(answer))
    }).listen(port, '127.0.0.1')
  }
}
answers[args[1]]()
`

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the cloud commands', () => {
  let folder: string
  let program: string

  before(async () => {
    program = await peerPerf()
    folder = mkdtempSync(join(tmpdir(), 'cloud-test-'))
    // The CDK is not installed: with-setup.sh would run it.
    const sh = '#!/bin/sh\n[ -f "$1" ] && [ "$2 $3" = "-C deploy/aws" ] || exit 9\nshift 3\necho "$@"\n'
    const tools = { aws: FAKE_AWS, sh }
    for (const [name, script] of Object.entries(tools)) {
      writeFileSync(join(folder, name), script)
      chmodSync(join(folder, name), 0o755)
    }
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('says how to start a lab that is not up', async () => {
    const { code, output } = await cloud(['results'], { FAKE_DOWN: '1' })
    assert.match(output, /not up: start it with `npx peer-perf cloud up`/)
    assert.equal(code, 1)
  })

  it('fetches the results of finished tests only', { timeout: 120_000 }, async () => {
    const { code, output } = await cloud(['results'])
    assert.equal(code, 0, output)
    assert.match(output, /cloud-test-\w+\/out\/trial\.json\n1 finished tests fetched/)
  })

  it('says in one line what the results server refuses', async () => {
    const refusal = { error: 'wrong-token', message: 'This server does not know the token' }
    const { code, output } = await cloud(['results'], { FAKE_REFUSAL: JSON.stringify(refusal) })
    assert.equal(output, 'This server does not know the token\n')
    assert.equal(code, 1)
  })

  const refusal = (what: string) =>
    new RegExp(`^Test other ${what}: wait for its end, or run cloud results, then cloud down --discard$`, 'm')
  const gone = /^cdk destroy --force\nThe lab and everything that costs money have been removed/m
  for (const [what, other, args, says] of [
    ['is refused while a test runs', { state: 'running' }, [], refusal('is running')],
    [
      'is refused while peers wait for a start',
      { state: 'created', peers: { ready: 4, done: 0 } },
      [],
      refusal('has 4 peers ready')
    ],
    ['ignores a test that nobody joined', { state: 'created', peers: { ready: 0, done: 0 } }, [], gone],
    ['discards a running test if told to', { state: 'running' }, ['--discard'], gone]
  ] as const)
    it(`down ${what}`, async () => {
      const { code, output } = await cloud(['down', ...args], { FAKE_OTHER: JSON.stringify(other) })
      assert.match(output, says)
      assert.equal(output.includes('cdk destroy'), says === gone)
      assert.equal(code, says === gone ? 0 : 1)
    })

  it('closes its tunnel when it is stopped', { timeout: 120_000 }, async () => {
    const stalled = join(folder, 'stalled')
    const stopped = cloud(['results'], { FAKE_STALL: stalled }, async (child) => {
      while (!existsSync(stalled)) await sleep(100)
      child.kill('SIGINT')
    })
    assert.equal((await stopped).code, 1)
    const pid = Number(readFileSync(stalled, 'utf8'))
    while (isRunning(pid)) await sleep(100)
  })

  async function cloud(
    args: string[],
    env: Record<string, string> = {},
    meanwhile?: (child: ChildProcess) => Promise<void>
  ) {
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve, reject) => {
      const child = execFile(
        process.execPath,
        [program, 'cloud', ...args, '--out', 'out'],
        { cwd: folder, env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, ...env } },
        (error, stdout, stderr) => {
          resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
        }
      )
      meanwhile?.(child).catch(reject)
    })
    return { code, output }
  }
})
