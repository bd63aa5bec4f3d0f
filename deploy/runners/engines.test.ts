import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { manifestFaults } from '../kubernetes/testing/manifest-check'
import { AwsEngine } from './aws-tasks'
import { markOf, type Job } from './engine'
import { exitOfPod, KubernetesEngine, podOf } from './kubernetes'
import { SshEngine } from './ssh'
import { useTools } from './testing/use-tools'

const JOB: Job = { node: 'n1', variables: { TEST_ID: 'A_b', PEER_CONFIG: '{"a":"$HOME"}' }, slot: 1 }

describe('what engines hold of a test', () => {
  const long = 'x'.repeat(60)
  for (const ids of [
    ['a', 'A'],
    ['a-b', 'a_b'],
    [`${long}1`, `${long}2`],
    ['_a', 'a_', '-a', 'a-']
  ]) {
    const pods = ids.map((id) => podOf(id, 9_999, JOB, 'image', 'tokens').metadata)
    it(`has names that all take, and no other test has: ${ids.join(', ')}`, () => {
      for (const { name, labels } of pods) {
        assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
        for (const label of Object.values(labels)) assert.match(label, /^[a-z0-9]([-\w.]{0,61}[a-z0-9])?$/i)
      }
      // Of a Compose project.
      for (const id of ids) assert.match(markOf(id), /^[a-z0-9][-_a-z0-9]*$/)
      assert.equal(new Set(pods.map(({ name }) => name)).size, ids.length)
      assert.equal(new Set(pods.map(({ labels }) => Object.values(labels).join())).size, ids.length)
      assert.equal(new Set(ids.map(markOf)).size, ids.length)
    })
  }
})

describe('a runner on Kubernetes', () => {
  for (const cores of [undefined, 0.5])
    it(`is a valid pod ${cores === undefined ? 'without' : 'with'} a limit`, () => {
      const pod = podOf('A_b', 0, { ...JOB, ...(cores !== undefined && { cores }) }, 'image', 'tokens-abc')
      assert.deepEqual(manifestFaults('pod', JSON.stringify(pod)), [])
      const { restartPolicy, nodeSelector, containers } = pod.spec
      assert.deepEqual([restartPolicy, nodeSelector], ['Never', { 'kubernetes.io/hostname': 'n1' }])
      const { requests, limits } = containers[0]!.resources
      assert.deepEqual([requests.cpu, limits.cpu], cores === undefined ? ['1', undefined] : ['0.5', '0.5'])
    })

  const terminated = (exitCode: number, reason?: string) => ({
    terminated: { exitCode, ...(reason && { reason }) }
  })
  const FULL = [
    { type: 'Ready', status: 'False' },
    { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 1 Insufficient cpu.' }
  ]
  const cases: [
    says: string,
    status: { phase: string; reason?: string; conditions?: object[]; state?: object },
    exit: object | undefined,
    pod?: { waited?: number; deletionTimestamp?: string }
  ][] = [
    ['runs', { phase: 'Running' }, undefined, { waited: 700_000 }],
    ['has not started yet', { phase: 'Pending', conditions: FULL }, undefined],
    [
      'does not start',
      { phase: 'Pending', conditions: FULL },
      { code: null, lost: 'its pod does not start: 0/3 nodes are available: 1 Insufficient cpu.' },
      { waited: 700_000 }
    ],
    [
      'was stopped by a drain',
      { phase: 'Failed', state: terminated(1) },
      { code: null, lost: 'its pod was deleted' },
      { deletionTimestamp: '2026-12-01T00:00:00Z' }
    ],
    [
      'has ended well before its node is drained',
      { phase: 'Succeeded', state: terminated(0) },
      { code: 0 },
      { deletionTimestamp: '2026-12-01T00:00:00Z' }
    ],
    ['has ended well', { phase: 'Succeeded', state: terminated(0) }, { code: 0 }],
    ['has failed', { phase: 'Failed', state: terminated(1) }, { code: 1 }],
    ['ran out of memory: a failure', { phase: 'Failed', state: terminated(137, 'OOMKilled') }, { code: 137 }],
    [
      'was killed',
      { phase: 'Failed', state: terminated(137) },
      { code: 137, lost: 'its container was killed' }
    ],
    ['was evicted', { phase: 'Failed', reason: 'Evicted' }, { code: null, lost: 'its pod ended: Evicted' }],
    [
      'has no image: neither build failed',
      { phase: 'Pending', state: { waiting: { reason: 'ErrImagePull', message: 'no route to registry' } } },
      { code: null, lost: 'its pod does not start: no route to registry' }
    ]
  ]
  for (const [says, { state, ...status }, exit, { waited = 0, ...deleted } = {}] of cases)
    it(says, () => {
      const pod = {
        metadata: { name: 'p', creationTimestamp: '', ...deleted },
        status: { ...status, containerStatuses: [{ state: state ?? {} }] }
      }
      assert.deepEqual(exitOfPod('n1', pod as never, waited), exit && { node: 'n1', ...exit })
    })
})

describe('a node of Kubernetes', () => {
  const folder = useTools({ kubectl: '#!/bin/sh\ncat "$0.nodes"\n' })
  for (const [what, spec, ready, fits] of [
    ['ready', {}, 'True', true],
    ['not ready', {}, 'False', false],
    ['cordoned', { unschedulable: true }, 'True', false],
    ['of the control plane', { taints: [{ effect: 'NoSchedule' }] }, 'True', false],
    ['only avoided', { taints: [{ effect: 'PreferNoSchedule' }] }, 'True', true]
  ] as const)
    it(`that is ${what} gets ${fits ? 'a' : 'no'} runner`, async () => {
      const metadata = { name: 'n', labels: { 'kubernetes.io/hostname': 'host' } }
      const status = { allocatable: { cpu: '1930m' }, conditions: [{ type: 'Ready', status: ready }] }
      writeFileSync(join(folder, 'kubectl.nodes'), JSON.stringify({ items: [{ metadata, spec, status }] }))
      const nodes = await new KubernetesEngine('lab', 'image').nodes()
      assert.deepEqual(nodes, fits ? [{ name: 'host', cores: 1.93 }] : [])
    })
})

describe('pods on Kubernetes', () => {
  const secrets = ['other-9', 'results-server-tokens-1', 'results-server-tokens-2'].map((name) => ({
    metadata: { name, creationTimestamp: name.slice(-1) }
  }))
  const folder = useTools({
    kubectl: `#!/bin/sh
      echo "$*" >>"$0.calls"
      case "$*" in
        *secrets*) echo '${JSON.stringify({ items: secrets })}';;
        *apply*) cat >"$0.pods"; grep -q runner-a "$0.pods" || exit 0; echo 'pods "runner-a-2" is forbidden: exceeded quota' >&2; exit 1;;
        *"get pod"*) [ -e "$0.asked" ] && echo 'Error from server (NotFound)' >&2; touch "$0.asked"; exit 1;;
      esac\n`
  })
  const engine = new KubernetesEngine('lab', 'image')

  it('are deleted again if the cluster takes only a part', async () => {
    await assert.rejects(
      engine.start('a', [JOB, { ...JOB, node: 'n2' }]),
      /^UserError: kubectl .*exceeded quota$/
    )
    const [calls, pods] = ['calls', 'pods'].map((of) => readFileSync(join(folder, `kubectl.${of}`), 'utf8'))
    assert.match(calls!, /^--namespace lab delete pods -l catalyst-peer\/test=a /m)
    assert.match(pods!, /"runner-a-1".*"results-server-tokens-2".*"runner-a-2"/)
  })

  it('are lost once the cluster, not only the connection to it, says so', async () => {
    const { exits } = await engine.start('b', [JOB])
    assert.deepEqual(await exits[0], { node: 'n1', code: null, lost: 'its pod is gone' })
  })
})

describe('runners by ssh', () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'))
  after(() => rmSync(home, { recursive: true }))
  // The host says something before each command, as its user's files for shells may.
  useTools({
    ssh: `#!/bin/sh
      [ "$1" = away ] && echo "ssh: connect to host away port 22: Connection refused" >&2 && exit 255
      for script; do :; done
      echo "Welcome to $1"
      # Neither fish nor csh knows what sh does; no shell of csh's kind takes a second line.
      case $script in *'
'*) exit 1;; "exec sh -c '"*) ;; *) exit 127;; esac
      [ $(ps -o pgid= -p $$) = $$ ] && echo 'in a group of its own'
      [ "$1" = h1 ] && address=10.0.0.5 || address=127.0.0.1
      export HOST=$1 HOME=${home} SSH_CONNECTION="$address 1 10.0.0.6 22"
      exec sh -c "$script"\n`,
    // As on a Mac.
    nproc: '#!/bin/sh\nexit 127\n',
    node: `#!/bin/sh
      [ "$1" = --version ] && [ $HOST = old ] && exec echo v19.9.0
      [ "$1" = --version ] && exec echo v20.0.0
      [ "$1" = -p ] && exec ${process.execPath} "$@"
      [ "$SEED" = endless ] && trap '' TERM && echo $$ >$HOME/pid
      env | grep -E '^(NETWORK|SEED|BROWSER_CORE)='
      [ "$SEED" = lost ] && echo 'Connection reset' >&2 && exit 255
      [ "$SEED" != endless ] || exec tail -f /dev/null\n`
  })
  const engine = new SshEngine(['h1'])

  it('are on a host whose shell greets, and need not be sh', async () => {
    // By these, "calibrate" knows a machine.
    const machine = { cores: availableParallelism(), cpuModel: cpus()[0]!.model.trim() }
    assert.deepEqual(await engine.nodes(), [{ name: 'h1', ...machine }])
    await assert.rejects(
      async () => engine.servers(),
      /The hosts see this machine as 10\.0\.0\.5: say by --address/
    )
    const near = new SshEngine(['h2'])
    await near.nodes()
    assert.deepEqual(await near.servers(), { address: '127.0.0.1' })
    await assert.rejects(new SshEngine(['old']).nodes(), /^UserError: old has no Node\.js 20 .*\(v19\.9\.0\)/)
  })

  it('get each variable whole, and no Ctrl-C', async () => {
    const NETWORK = 'home,\n20s:offline,\n\n25s:home'
    const job = { ...JOB, node: 'h1', variables: { NETWORK, SEED: '7' } }
    const runners = await engine.start('a', [{ ...job, cores: 2 }])
    assert.deepEqual(await runners.exits[0], { node: 'h1', code: 0 })
    const said = (await runners.logs('h1')).split('\n')
    for (const line of [
      'NETWORK=home, 20s:offline,  25s:home',
      'SEED=7',
      'BROWSER_CORE=2,3',
      'in a group of its own'
    ])
      assert.ok(said.includes(line), line)
    await assert.rejects(
      engine.start('a', [{ ...job, cores: 0.5 }]),
      /^UserError: --cpus 0\.5 is for containers/
    )
  })

  it('are lost with their connection', async () => {
    const { exits } = await engine.start('e', [{ ...JOB, node: 'h1', variables: { SEED: 'lost' } }])
    assert.deepEqual(await exits[0], { node: 'h1', code: 255, lost: 'Connection reset' })
  })

  it('run the program that came with them, whatever another version of the suite brings', async () => {
    await (
      await engine.start('b', [{ ...JOB, node: 'h1' }])
    ).exits[0]
    const folder = join(home, '.cache/catalyst-peer-runner')
    const [program, ...others] = readdirSync(folder)
    assert.deepEqual(others, [])
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, program!)))
      .digest('hex')
    assert.equal(program, `run-clients-${hash.slice(0, 16)}.js`)
  })

  it('are left alone if they do not end', async (t) => {
    const job = { ...JOB, node: 'h1', variables: { SEED: 'endless' } }
    const runners = await engine.start('d', [job])
    while (!(await runners.logs('h1')).includes('SEED')) await sleep(20)
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const stopped = runners.stop()
    t.mock.timers.tick(60_000)
    await stopped
    assert.equal((await runners.exits[0]!).code, null)
  })

  it('are refused with the name of the host that takes none', () =>
    assert.rejects(new SshEngine(['away']).start('c', [JOB]), /^UserError: ssh away .*Connection refused$/))
})

/** Answers by subcommand, and appends each call's arguments to calls.jsonl. */
const FAKE_AWS = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
const args = process.argv.slice(2)
const calls = __dirname + '/calls.jsonl'
appendFileSync(calls, JSON.stringify(args) + '\\n')
const count = readFileSync(calls, 'utf8').split('"run-task"').length - 1
const starter = '"--started-by",' + JSON.stringify(args[args.indexOf('--started-by') + 1])
const outputs = { ClusterName: 'cluster', ClientTaskDefinition: 'client:1', ClientSecurityGroup: 'sg-1', Subnets: 's1,s2', LogGroup: 'logs' }
const ends = JSON.parse(process.env.FAKE_ENDS)
const answers = {
  'describe-stacks': () => process.env.FAKE_STATUS ? { Stacks: [{ StackStatus: process.env.FAKE_STATUS }] } : ({ Stacks: [{ Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) }] }),
  'run-task': () => count > ends.length ? { tasks: [], failures: [{ reason: 'RESOURCE:CPU' }] } : { tasks: [{ taskArn: 'arn/' + count }], failures: [] },
  'describe-tasks': () => ({ tasks: ends.map((container, index) => ({ taskArn: 'arn/' + (index + 1), lastStatus: container.runs ? 'RUNNING' : 'STOPPED', stoppedReason: 'spot', containers: [container] })) }),
  'list-tasks': () => ({ taskArns: readFileSync(calls, 'utf8').split('\\n').filter((call) => call.includes('"run-task"') && call.includes(starter)).slice(0, ends.length).map((_, index) => 'arn/' + (index + 1)) }),
  'get-log-events': () => ({ events: [{ message: 'one' }, { message: 'two' }] }),
  'stop-task': () => ({})
}
const isFirst = readFileSync(calls, 'utf8').split('"' + args[1] + '"').length === 2
if (process.env.FAKE_FAILURE === args[1] && isFirst) {
  console.error('\\nAn error occurred (ValidationError): Stack with id CatalystPeerLab does not exist')
  if (process.env.AWS_CLI_ERROR_FORMAT !== 'legacy') console.error('\\nAdditional error details:\\nType: Sender')
  process.exit(1)
}
console.log(JSON.stringify(answers[args[1]]()))
`

describe('runners on AWS', () => {
  const folder = useTools({ aws: FAKE_AWS })
  /** @param failure the command whose first call fails */
  const start = async (ends: object[], tasks: number, failure = '', id = 'a') => {
    rmSync(join(folder, 'calls.jsonl'), { force: true })
    Object.assign(process.env, { FAKE_ENDS: JSON.stringify(ends), FAKE_FAILURE: failure })
    const engine = new AwsEngine(tasks)
    const nodes = await engine.nodes()
    return engine.start(
      id,
      nodes.map(({ name }) => ({ ...JOB, node: name }))
    )
  }
  const called = (name: string) =>
    readFileSync(join(folder, 'calls.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"${name}"`))

  it('are tasks with variables of their own, whose exit codes are theirs', async () => {
    const runners = await start([{ exitCode: 0 }, { exitCode: 1 }], 2)
    assert.deepEqual(await Promise.all(runners.exits), [
      { node: 'task-1', code: 0 },
      { node: 'task-2', code: 1 }
    ])
    assert.match(called('run-task')[1]!, /s1.*s2.*sg-1.*ENABLED.*TEST_ID.*A_b/)
    assert.equal(await runners.logs('task-2'), 'one\ntwo')
    assert.match(called('get-log-events')[0]!, /"client\/client\/2"/)
  })

  it('have ended once one has failed, though others still run', async () => {
    const { exits } = await start([{ runs: true }, { exitCode: 1 }], 2)
    assert.deepEqual(await exits[1], { node: 'task-2', code: 1 })
    assert.equal(await Promise.race([exits[0], sleep(1, 'runs')]), 'runs')
  })

  it('are lost without an exit code', async () => {
    const { exits } = await start([{}], 1)
    assert.deepEqual(await exits[0], { node: 'task-1', code: null, lost: 'spot' })
  })

  it('are followed although AWS fails once', async () => {
    const { exits } = await start([{ exitCode: 0 }], 1, 'describe-tasks')
    assert.deepEqual(await exits[0], { node: 'task-1', code: 0 })
  })

  it('are all stopped although one does not answer', async () => {
    const runners = await start([{ exitCode: 0 }, { exitCode: 0 }], 2, 'stop-task')
    await runners.stop()
    assert.equal(called('stop-task').length, 2)
  })

  it('are stopped although the command that started one was cut off', async () => {
    await assert.rejects(start([{}], 1, 'run-task'), /ecs run-task/)
    assert.match(called('stop-task').join(), /"arn\/1"/)
  })

  it('bear the mark of their test alone, of 36 characters at most', async () => {
    const marks: string[] = []
    for (const last of ['1', '2']) {
      await start([{ exitCode: 0 }], 1, '', 'x'.repeat(40) + last)
      const args = JSON.parse(called('run-task')[0]!) as string[]
      marks.push(args[args.indexOf('--started-by') + 1]!)
    }
    assert.notEqual(marks[0], marks[1])
    assert.ok(marks.every(({ length }) => length <= 36))
  })

  for (const status of ['CREATE_IN_PROGRESS', 'ROLLBACK_COMPLETE'])
    it(`are refused in one line while the lab has come to ${status}`, async (t) => {
      process.env.FAKE_STATUS = status
      t.after(() => delete process.env.FAKE_STATUS)
      await assert.rejects(start([], 1), {
        name: 'UserError',
        message: `The lab is not up (${status}): wait for \`npx peer-perf cloud up\` to end, or remove it by \`npx peer-perf cloud down --discard\`.`
      })
    })

  it('are refused without a lab, whatever else AWS says', () =>
    assert.rejects(start([], 1, 'describe-stacks'), /^UserError: The lab is not up: start it/))

  it('are stopped again if there is no room for all', async () => {
    await assert.rejects(start([{}], 2), /could not start a task \(RESOURCE:CPU\)/)
    assert.equal(called('stop-task').length, 1)
  })
})
