import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import type { ResultsClient } from '../protocol/api-client'
import type { RunnerSample } from '../protocol/runner-sample'
import { Heartbeat } from './heartbeat'
import type { MachineSampler } from './machine/sampler'
import { Watch } from './watch'

it('a runner whose first sample is on its way for long drops no other before it must', async (t) => {
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
  const machine = { sample: () => ({}), readMemory: () => undefined } as unknown as MachineSampler
  const watch = new Watch(1, () => undefined)
  const heartbeat = new Heartbeat(client, 'mine', 'me', machine, watch, () => undefined)
  heartbeat.start()
  // One more than it keeps.
  for (let beat = 0; beat <= 120; beat++) mock.timers.tick(2000)
  answer!()
  await new Promise((resolve) => setImmediate(resolve))
  await heartbeat.end('finished', 60_000)
  assert.deepEqual(
    arrived,
    Array.from({ length: 122 }, (_, sequence) => sequence)
  )
})
