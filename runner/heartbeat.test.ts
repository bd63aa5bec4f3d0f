import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { refusal, type ResultsClient, UnreachableError } from '../protocol/api-client'
import type { PagePhase, PageStatus } from '../protocol/page'
import type { RunnerSample } from '../protocol/runner-sample'
import { Heartbeat } from './heartbeat'
import type { MachineSampler } from './machine/sampler'
import { Watch } from './watch'

const machine = { sample: () => ({}), readMemory: () => undefined } as unknown as MachineSampler

it('a runner whose first sample is on its way for long loses no other', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.reset())
  const arrived: number[] = []
  let answer: (() => void) | undefined
  const client = {
    submitRunnerSample: async (_test: string, _runner: string, { sequence }: RunnerSample) => {
      if (answer === undefined) await new Promise<void>((resolve) => (answer = resolve))
      arrived.push(sequence)
      return {}
    }
  } as unknown as ResultsClient
  const watch = new Watch(1, () => undefined)
  const heartbeat = new Heartbeat(client, 'mine', 'me', machine, watch, () => undefined)
  heartbeat.start()
  for (let beat = 0; beat < 1000; beat++) mock.timers.tick(2000)
  answer!()
  await new Promise((resolve) => setImmediate(resolve))
  await heartbeat.end('finished', 60_000)
  assert.deepEqual(
    arrived,
    Array.from({ length: 1001 }, (_, sequence) => sequence)
  )
})

const away = [
  ['is away', new UnreachableError('http://results', new Error('refused')), [0, 1, 2], []],
  ['is away behind a proxy', refusal(502, '<html>Bad Gateway</html>'), [0, 1, 2], []],
  ['has a full disk', refusal(507, '{"error":"disk-full","message":"full"}'), [0, 1, 2], []],
  ['has finished the test', refusal(409, '{"error":"test-finished","message":"over"}'), [1, 2], []],
  [
    'refuses it',
    refusal(400, '{"error":"bad-body","message":"wrong"}'),
    [1, 2],
    ['The results server refuses a sample: wrong']
  ]
] as const
for (const [why, error, kept, failures] of away)
  it(`a sample that the server does not take because it ${why} is ${kept[0] === 0 ? 'kept' : `dropped, with ${failures.length} failures`}`, async () => {
    const arrived: number[] = []
    let attempts = 0
    const client = {
      submitRunnerSample: (_test: string, _runner: string, { sequence }: RunnerSample) => {
        if (attempts++ === 0) return Promise.reject(error)
        arrived.push(sequence)
        return Promise.resolve({})
      }
    } as unknown as ResultsClient
    const watch = new Watch(1, () => undefined)
    const heartbeat = new Heartbeat(client, 'mine', 'me', machine, watch, () => undefined)
    for (let beat = 0; beat < 2; beat++) {
      heartbeat.ready()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await heartbeat.end('finished', 60_000)
    assert.deepEqual(arrived, kept)
    assert.deepEqual(watch.failures, failures)
  })

it('a runner says how far it is, and reads memory while nothing is measured', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.reset())
  const events: string[] = []
  const client = {
    submitRunnerSample: (_test: string, _runner: string, { state }: RunnerSample) => {
      events.push(state)
      return Promise.resolve({})
    }
  } as unknown as ResultsClient
  const reading = { sample: () => ({}), readMemory: () => events.push('memory') } as unknown as MachineSampler
  const watch = new Watch(1, () => undefined)
  const heartbeat = new Heartbeat(client, 'mine', 'me', reading, watch, () => undefined)
  const beat = async (times: number) => {
    for (let i = 0; i < times; i++) mock.timers.tick(2000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const report = (phase: PagePhase, ready: number) =>
    watch.report(1, { phase, peers: { wanted: 1, ready, done: 0 } } as PageStatus)
  watch.opened(1, 1)
  heartbeat.start()
  await beat(1)
  report('ready', 1)
  for (let look = 0; look < 3; look++) heartbeat.ready()
  await beat(1)
  report('running', 1)
  await beat(2)
  await heartbeat.end('finished', 60_000)
  await beat(2)
  assert.equal(events.join(' '), 'starting memory ready ready running running memory finished')
})

it('a runner whose last samples nobody takes says so', async () => {
  const client = { submitRunnerSample: () => Promise.reject(refusal(503, '')) } as unknown as ResultsClient
  const watch = new Watch(1, () => undefined)
  await new Heartbeat(client, 'mine', 'me', machine, watch, () => undefined).end('finished', 0)
  assert.match(watch.failures.join(), /^The results server lacks the last 1 samples of this machine/)
})
