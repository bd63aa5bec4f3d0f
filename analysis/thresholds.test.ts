import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { METRICS } from './metrics-catalog'
import { fakeDocument } from './testing/fake-mesh'
import { evaluateThresholds, parseThreshold, ThresholdError, type Threshold } from './thresholds'
import { anyText } from '../protocol/testing/any-text'

describe('What a threshold says', () => {
  const cases: [string, Threshold][] = [
    ['delivery.position>=0.99', { metric: 'delivery.position', operator: '>=', value: 0.99, unit: '' }],
    ['delivery.position >= 99%', { metric: 'delivery.position', operator: '>=', value: 99, unit: '%' }],
    ['  latency.chat.p95<200ms ', { metric: 'latency.chat.p95', operator: '<', value: 200, unit: 'ms' }],
    ['latency.chat.max\t<=\t1.5s', { metric: 'latency.chat.max', operator: '<=', value: 1.5, unit: 's' }],
    [
      'wire.bytesPerPeerSecond<64KB',
      { metric: 'wire.bytesPerPeerSecond', operator: '<', value: 64, unit: 'KB' }
    ],
    ['mesh.components==1', { metric: 'mesh.components', operator: '==', value: 1, unit: '' }],
    ['mesh.components!=2', { metric: 'mesh.components', operator: '!=', value: 2, unit: '' }],
    ['sent.all>1e3', { metric: 'sent.all', operator: '>', value: 1000, unit: '' }],
    ['startSkew<.5e2', { metric: 'startSkew', operator: '<', value: 50, unit: '' }]
  ]
  for (const [text, threshold] of cases) {
    test(text, () => assert.deepEqual(parseThreshold(text), threshold))
  }
})

describe('What is wrong with a threshold, and where', () => {
  const cases: [string, number, RegExp][] = [
    ['', 1, /a metric must come first/],
    ['>=1', 1, /a metric must come first/],
    ['latency.postion.p95<200ms', 1, /did you mean latency\.position\.p95/],
    ['dilivery.all>1', 1, /did you mean delivery\.all/],
    ['nonsense<1', 1, /docs\/metrics\.md lists them all/],
    [
      'latency.position<200ms',
      1,
      /several values; name one: latency\.position\.count, latency\.position\.p50/
    ],
    ['verdict==1', 1, /there is no metric/],
    ['__proto__<1', 1, /there is no metric/],
    ['delivery.position', 18, /must follow the metric/],
    ['delivery.position 0.99', 19, /must follow the metric/],
    ['delivery.position=>0.99', 18, /=> is not an operator/],
    ['delivery.position >= ', 22, /a number must follow >=/],
    ['delivery.position>=x', 20, /a number must follow >=/],
    ['delivery.position>=1e999', 20, /a number must follow >=/],
    ['delivery.position>=99ms', 22, /in % or without a unit, not in "ms"/],
    ['latency.all.p50<5toString', 18, /in ms, s or without a unit/],
    ['mesh.components<2%', 18, /given without a unit/],
    ['latency.all.p50<5 ms please', 22, /nothing may follow/]
  ]
  for (const [text, column, problem] of cases) {
    test(JSON.stringify(text), () =>
      assert.throws(
        () => parseThreshold(text),
        (error) => {
          assert.ok(error instanceof ThresholdError)
          assert.match(error.message, problem)
          assert.match(error.message, new RegExp(`column ${column}:`))
          assert.equal(error.pointer, `${text}\n${' '.repeat(column - 1)}^`)
          return true
        }
      )
    )
  }
})

const units = { ms: ['', 'ms', 's'], s: ['', 'ms', 's'], ratio: ['', '%'], bytes: ['', 'B', 'KB', 'MB'] }
const thresholds = fc.constantFrom(...METRICS).chain(({ path, unit }) =>
  fc.record({
    metric: fc.constant(path),
    operator: fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    unit: fc.constantFrom(...(Object.hasOwn(units, unit) ? units[unit as keyof typeof units] : ['']))
  })
) as fc.Arbitrary<Threshold>

test('a printed threshold parses to itself', () =>
  fc.assert(
    fc.property(thresholds, (threshold) => {
      const { metric, operator, value, unit } = threshold
      assert.deepEqual(parseThreshold(`${metric}${operator}${value}${unit}`), { ...threshold })
    })
  ))

test('any text either parses or is a ThresholdError with a column inside it', () => {
  const grammar = fc
    .array(
      fc.constantFrom('delivery.all', 'x', '.', '<', '>=', '!', '1', '-', 'e', '%', 'ms', ' ', '\n', '\u0000')
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyText(), grammar), (text) => {
      try {
        parseThreshold(text)
      } catch (error) {
        assert.ok(error instanceof ThresholdError)
        assert.ok(error.column >= 1 && error.column <= text.length + 1)
      }
    }),
    { numRuns: 2000 }
  )
})

describe('Evaluation', () => {
  const { summary } = fakeDocument({ loss: 0.65, delay: 100 })
  const cases: [string, boolean][] = [
    ['delivery.position>=35%', true],
    ['delivery.position==0.35', true],
    ['delivery.position>0.35', false],
    ['delivery.position!=0.35', false],
    ['latency.position.p95<0.2s', true],
    ['latency.position.p95<99ms', false],
    ['measured.seconds>=15000ms', true],
    ['machine.memoryPerPeer<=60MB', true],
    ['mesh.components<=1', true]
  ]
  for (const [expression, passed] of cases) {
    test(`${expression} is ${passed ? 'passed' : 'missed'}`, () =>
      assert.equal(evaluateThresholds(summary!, [expression])[0]!.passed, passed))
  }

  const exact: [value: number, written: string][] = [
    [0.999, '99.9%'],
    [0.07, '7%'],
    [0.00000029, '2.9e-5%'],
    [1e19, '1e21%']
  ]
  for (const [value, written] of exact)
    test(`${written} is exactly ${value}`, () => {
      const exactly = { ...summary!, delivery: { ...summary!.delivery, position: value } }
      assert.equal(evaluateThresholds(exactly, [`delivery.position==${written}`])[0]!.passed, true)
    })

  test('what is not known is not passed, whatever is asked of it', () => {
    for (const operator of ['<', '>', '!=']) {
      const [result] = evaluateThresholds(summary!, [`mesh.recovery.p50${operator}1`])
      assert.deepEqual([result!.passed, result!.value], [false, null])
      assert.match(result!.reason!, /not known/)
    }
    const chat = { count: 10, never: 5, p50: 20, p95: null, p99: null, max: null }
    const lossy = { ...summary!, latencyOwed: { ...summary!.latencyOwed, chat } }
    const paths = ['latencyOwed.chat.p95', 'latencyOwed.chat.max']
    const found = evaluateThresholds(
      lossy,
      paths.map((path) => `${path}<1s`)
    )
    assert.deepEqual(
      found.map(({ passed, reason }) => [passed, reason]),
      [
        [false, `too few messages for ${paths[0]!}`],
        [false, `${paths[1]!} is not reached: too many of the messages owed never came`]
      ]
    )
  })

  test('what cannot be parsed is not passed either, and hides no other', () => {
    const results = evaluateThresholds(summary!, ['nonsense', 'delivery.all>0'])
    assert.deepEqual(
      results.map(({ passed }) => passed),
      [false, true]
    )
    assert.match(results[0]!.reason!, /column 1/)
  })
})
