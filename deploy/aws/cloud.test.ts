/** Tests the commands against a fake AWS command line, whose tunnel ends at a fake results server. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

const OUTPUTS = {
  ClusterName: 'cluster',
  ResultsServiceName: 'results',
  ClientTaskDefinition: 'client:1',
  ClientSecurityGroup: 'sg-1',
  Subnets: 'subnet-1',
  ControlTokenSecret: 'arn:control',
  LogGroup: 'logs'
}

/**
 * Answers by subcommand; `run-task` starts as many tasks as FAKE_ROOM allows. Appends the arguments of each
 * call to calls.jsonl.
 */
const FAKE_AWS = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
const { createServer } = require('node:http')
const args = process.argv.slice(2)
const option = (name) => args[args.indexOf(name) + 1]
appendFileSync(__dirname + '/calls.jsonl', JSON.stringify(args) + '\\n')
const calls = (name) => readFileSync(__dirname + '/calls.jsonl', 'utf8').split('\\n').filter((line) => line.includes('"' + name + '"')).length
const say = (answer) => console.log(JSON.stringify(answer))
const room = Number(process.env.FAKE_ROOM ?? 1000)
const task = (_, i) => ({ taskArn: 'arn/' + i, lastStatus: 'STOPPED', containers: [{ name: 'results-server', runtimeId: 'r', exitCode: Number(process.env.FAKE_EXIT ?? 0) }] })
const answers = {
  'describe-stacks': () => process.env.FAKE_DOWN
    ? (console.error('Stack with id CatalystPeerLab does not exist'), process.exit(254))
    : say({ Stacks: [{ Outputs: Object.entries(${JSON.stringify(OUTPUTS)}).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) }] }),
  'get-secret-value': () => say({ SecretString: 'token' }),
  'list-tasks': () => say({ taskArns: ['arn/server'] }),
  'describe-tasks': () => say({ tasks: [task(0, 0)] }),
  'run-task': () => {
    const left = Math.max(0, room - 10 * (calls('run-task') - 1))
    const tasks = Array.from({ length: Math.min(left, Number(option('--count'))) }, task)
    say({ tasks, failures: tasks.length < Number(option('--count')) ? [{ reason: 'RESOURCE:CPU' }] : [] })
  },
  'stop-task': () => say({}),
  'start-session': () => {
    const port = JSON.parse(option('--parameters')).localPortNumber[0]
    const state = { id: 'trial', state: 'finished', peers: { ready: 24, done: 24 }, expectedPeers: 24 }
    const summary = { verdict: process.env.FAKE_VERDICT ?? 'valid', reasons: [], thresholds: [{ expression: 'delivery.position>=0.99', value: 1, passed: !process.env.FAKE_MISSED }] }
    createServer((request, response) => {
      if (request.method === 'POST') request.on('data', (body) => appendFileSync(__dirname + '/calls.jsonl', JSON.stringify([request.url, request.headers.authorization, JSON.parse(body)]) + '\\n'))
      const answer = request.url.endsWith('/summary') ? summary : request.url === '/test' ? [state, { ...state, id: 'other', state: 'running' }] : state
      response.end(JSON.stringify(answer))
    }).listen(port, '127.0.0.1')
  }
}
answers[args[1]]()
`

describe('the cloud commands', () => {
  let folder: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cloud-test-'))
    writeFileSync(join(folder, 'aws'), FAKE_AWS)
    chmodSync(join(folder, 'aws'), 0o755)
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  const RUN = [
    'run',
    '--tasks',
    '12',
    '--peers-per-task',
    '2',
    '--test-id',
    'trial',
    '--env',
    'ROUTINE=loops:8',
    'NETWORK=home:6,4g:2'
  ]

  it('runs a test: creates it, starts tasks in batches of ten, saves the results', async () => {
    const { code, output, calls } = await cloud(RUN)
    assert.equal(code, 0, output)
    assert.match(output, /12 tasks × 2 peers for 180 s: about \$0\.\d\d/)
    const created = calls.find(([url]) => url === '/test/trial')
    assert.deepEqual(created, [
      '/test/trial',
      'Bearer token',
      { expectedPeers: 24, duration: 180, thresholds: [] }
    ])
    const batches = calls.filter(([, name]) => name === 'run-task')
    assert.deepEqual(
      batches.map((args) => args[args.indexOf('--count') + 1]),
      ['10', '2']
    )
    const overrides = String(batches[0]?.[batches[0].indexOf('--overrides') + 1])
    for (const [name, value] of [
      ['TEST_ID', 'trial'],
      ['PEERS_COUNT', '2'],
      ['ROUTINE', 'loops:8'],
      ['NETWORK', 'home:6,4g:2']
    ]) {
      assert.ok(overrides.includes(JSON.stringify({ name, value })), overrides)
    }
    assert.equal(
      (JSON.parse(readFileSync(join(folder, 'out/trial.json'), 'utf8')) as { id: string }).id,
      'trial'
    )
  })

  for (const { given, env, code, says } of [
    { given: 'a void test', env: { FAKE_VERDICT: 'void' }, code: 3, says: /Validity: void/ },
    {
      given: 'a missed threshold',
      env: { FAKE_MISSED: '1' },
      code: 2,
      says: /missed: delivery\.position>=0\.99/
    },
    {
      given: 'a task that failed',
      env: { FAKE_EXIT: '1' },
      code: 1,
      says: /exit code 1.*aws logs tail logs/
    },
    {
      given: 'no lab',
      env: { FAKE_DOWN: '1' },
      code: 1,
      says: /not up: start it with `npx peer-perf cloud up`/
    },
    { given: 'no room', env: { FAKE_ROOM: '11' }, code: 1, says: /Only 11 of 12 tasks .*RESOURCE:CPU/ },
    { given: 'no AWS command line', env: { PATH: '' }, code: 1, says: /aws command line was not found/i }
  ]) {
    it(`ends with ${code} on ${given}`, async () => {
      const result = await cloud(RUN, env)
      assert.match(result.output, says)
      assert.equal(result.code, code)
    })
  }

  it('stops the started tasks if there is no room for all', async () => {
    const { calls } = await cloud(RUN, { FAKE_ROOM: '11' })
    assert.equal(calls.filter(([, name]) => name === 'stop-task').length, 11)
  })

  it('fetches the results of finished tests only', async () => {
    const { code, output } = await cloud(['results'])
    assert.equal(code, 0, output)
    assert.match(output, /trial\.json\n1 finished tests fetched/)
  })

  it('refuses invalid input', async () => {
    for (const [args, says] of [
      [['run', '--tasks', '0', '--peers-per-task', '2'], /whole number from 1/],
      [['run', '--tasks', '2'], /--peers-per-task/],
      [['run', '--tasks', '1', '--peers-per-task', '1', '--env', 'routine'], /must look like ROUTINE=loops:8/]
    ] as const) {
      const { code, output } = await cloud([...args])
      assert.equal(code, 1, output)
      assert.match(output, says)
    }
  })

  async function cloud(args: string[], env: Record<string, string> = {}) {
    rmSync(join(folder, 'calls.jsonl'), { force: true })
    const savesResults = args[0] === 'run' || args[0] === 'results'
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
      execFile(
        process.execPath,
        [
          '--require',
          'ts-node/register',
          'cloud.ts',
          ...args,
          ...(savesResults ? ['--out', join(folder, 'out')] : [])
        ],
        { cwd: __dirname, env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, ...env } },
        (error, stdout, stderr) => {
          resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
        }
      )
    })
    return { code, output, calls: recordedCalls() }
  }

  function recordedCalls(): unknown[][] {
    try {
      const lines = readFileSync(join(folder, 'calls.jsonl'), 'utf8').trim().split('\n')
      return lines.map((line) => JSON.parse(line) as unknown[])
    } catch {
      return []
    }
  }
})
