import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuSentences } from './simulated-bench'

describe('the CPU of simulated builds', () => {
  const costs = (logs: readonly [string, string][], times: readonly [number, number][]) =>
    logs.flatMap((pair, block) =>
      pair.map((packetLog, variant) => ({
        block,
        variant,
        packetLog,
        cpuMs: times[block]![variant]!,
        failures: packetLog === 'failed' ? ['No WebRTC connection opened'] : []
      }))
    )
  const times: [number, number][] = [
    [100, 110],
    [100, 120],
    [100, 150]
  ]
  const cases: { logs: [string, string][]; says: RegExp }[] = [
    {
      logs: [
        ['a', 'a'],
        ['b', 'b'],
        ['c', 'c']
      ],
      says: /^CPU of new against old at equal packets: × 1\.20 \(median of 3 pairs, 1\.10 to 1\.50\)$/
    },
    {
      logs: [
        ['a', 'a'],
        ['b', 'x'],
        ['failed', 'failed']
      ],
      says: /× 1\.10 \(median of 1 pairs/
    },
    {
      logs: [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'z']
      ],
      says: /^CPU of new: not compared, because in none of 3 pairs/
    }
  ]
  it('is not told of no pair, as when it was stopped before the first', () => {
    assert.deepEqual(cpuSentences([], ['old', 'new']), [])
  })
  for (const { logs, says } of cases)
    it(`is told where packet logs are equal: ${logs.join(' ')}`, () => {
      const [sentence, ...others] = cpuSentences(costs(logs, times).reverse(), ['old', 'new'])
      assert.match(sentence!, says)
      assert.deepEqual(others, [])
    })
})
