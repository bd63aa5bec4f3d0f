import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fakeRun } from '../testing/fake-runs'
import { parseGate } from './criteria'

describe('The criteria', () => {
  const cases = [
    {
      text: '',
      expected: [
        'stability 0.333',
        'delivery 0.005',
        'latency 0.1',
        'connecting 0.25',
        'traffic 0.005',
        'cpu 0.05',
        'errors 0.5'
      ]
    },
    { text: 'only,delivery:0.2%,latency:5%', expected: ['delivery 0.002', 'latency 0.05'] },
    { text: 'only,connection.first.p95', expected: ['connection.first.p95 0.03'] },
    { text: 'only,wire.packetsPerMessage:1%', expected: ['wire.packetsPerMessage 0.01'] },
    { text: 'only,stability:100%', expected: ['stability 1'] },
    { text: 'only,errors:2,latency:200%', expected: ['errors 2', 'latency 2'] }
  ]
  for (const { text, expected } of cases) {
    it(`may be "${text}"`, () => {
      const criteria = parseGate(text).map(({ name, margin }) => `${name} ${Number(margin.toFixed(3))}`)
      assert.deepEqual(criteria, expected)
    })
  }

  it('keep their margins when one is changed', () => {
    const criteria = parseGate('latency:5%,connection.first.p95:20%')
    assert.equal(criteria.length, 8)
    assert.equal(criteria.find(({ name }) => name === 'latency')!.margin, 0.05)
  })

  it('use the change to detect as the margin of timed criteria', () => {
    const margins = parseGate('only,latency,traffic,cpu:7%', 0.02).map(({ name, margin }) => [name, margin])
    assert.deepEqual(margins, [
      ['latency', 0.02],
      ['traffic', 0.005],
      ['cpu', 0.07]
    ])
  })

  const late = [
    { never: 0, count: 100, value: 20 },
    { never: 8, count: 100, value: Infinity },
    { never: 1, count: 1, value: null }
  ]
  for (const { never, count, value } of late)
    for (const gate of ['only,latency', 'only,latencyOwed.position.p95'])
      it(`see ${value} in "${gate}" where ${never} of ${count} messages never came`, () => {
        const [{ components }] = parseGate(gate) as [ReturnType<typeof parseGate>[number]]
        const summary = fakeRun(0, 0).summary!
        const p95 = never > 0 ? null : 20
        summary.latencyOwed.position = { count, never, p50: 20, p95, p99: null, max: null }
        assert.equal(components[0]!.valueOf(summary), value)
      })

  it('may be every example of the documentation', () => {
    const text = readFileSync(join(__dirname, '../../docs/comparing.md'), 'utf8')
    const examples = [...text.matchAll(/--gate ([^\s`]+)/g)].map(([, gate]) => gate!)
    assert.ok(examples.length > 2)
    for (const gate of examples) assert.doesNotThrow(() => parseGate(gate), gate)
  })

  const wrong = [
    { text: 'speed', message: /unknown criterion "speed"/ },
    { text: 'latency:fast', message: /margin "fast"/ },
    { text: 'latency:0', message: /margin "0"/ },
    { text: 'latency:5', message: /margin "5": write a share such as 5% or 0\.05/ },
    { text: 'connection.first.p95:1.5', message: /margin "1\.5"/ },
    { text: 'latency:1:2', message: /too many colons/ },
    { text: 'latency:5%,latency:50%', message: /names latency twice/ },
    { text: 'stability:200%', message: /margin 200% for stability, of which no more than 100% can be lost/ },
    { text: 'delivery:500%', message: /margin 500% for delivery, of which/ },
    { text: 'delivery.chat:101%', message: /margin 101% for delivery.chat, of which/ },
    { text: 'only', message: /names no criterion/ },
    { text: 'sent.all', message: /neither more nor less is worse/ },
    { text: 'machine.memorySlope', message: /reported and not judged/ }
  ]
  for (const { text, message } of wrong) {
    it(`may not be "${text}"`, () => assert.throws(() => parseGate(text), message))
  }
})
