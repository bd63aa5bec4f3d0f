import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arrange, type ArrangementFlags } from './arrangement'
import { arrangementOf } from './judging'
import { SAMPLE_PLAN } from './testing/sample-plan'

const two = { sets: [[0], [1]] }
const none = { sets: null, reason: 'only Linux can keep browsers on cores of their own' } as const
const flags = (given: Partial<ArrangementFlags> = {}): ArrangementFlags => ({
  sideBySide: true,
  peers: 8,
  ...given
})

describe('The arrangement of a block', () => {
  it('is isolated if cores can be kept apart', () =>
    assert.deepEqual(arrange(flags(), two), { sideBySide: true, soloBlocks: 2, coreSets: [[0], [1]] }))

  const fallbacks = [
    { given: {}, cores: none, reason: /only Linux/ },
    { given: { lighthouseUrl: 'http://l' }, cores: two, reason: /share one Lighthouse/ },
    { given: { peersPerTab: 4 }, cores: two, reason: /several tabs/ }
  ]
  for (const { given, cores, reason } of fallbacks) {
    it(`falls back to one after the other with the reason ${reason.source}`, () => {
      const { sideBySide, whyNotIsolated } = arrange(flags(given), cores)
      assert.equal(sideBySide, false)
      assert.match(whyNotIsolated!, reason)
      assert.throws(() => arrange(flags({ ...given, design: 'isolated' }), cores), reason)
    })
  }

  it('shares cores if asked to, even if they can be kept apart', () => {
    for (const cores of [two, none]) {
      const setting = arrange(flags({ design: 'side-by-side' }), cores)
      assert.deepEqual([setting.sideBySide, setting.coreSets], [true, undefined])
      const { kind } = arrangementOf({ ...SAMPLE_PLAN, setting: { ...SAMPLE_PLAN.setting, ...setting } })
      assert.equal(kind, 'side by side')
    }
  })

  it('runs builds one after the other if asked to', () => {
    assert.deepEqual(arrange(flags({ sideBySide: false }), two), { sideBySide: false })
    assert.deepEqual(arrange(flags({ design: 'one-after-the-other' }), two), { sideBySide: false })
  })
})
