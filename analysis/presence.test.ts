import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { overlap, PresenceTimeline, type Presence } from './presence'

const presences = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))
    .map(([a, b]): Presence => ({ joined: Math.min(a, b), left: Math.max(a, b) })),
  { maxLength: 12 }
)
const window = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })).map(([a, b]) => ({
  from: Math.min(a, b),
  until: Math.max(a, b)
}))

test('the timeline counts, averages and peaks as a walk over every instant does', () =>
  fc.assert(
    fc.property(presences, window, (peers, { from, until }) => {
      const timeline = new PresenceTimeline(peers)
      const countAt = (t: number) => peers.filter(({ joined, left }) => joined <= t && t <= left).length
      const counts: number[] = []
      for (let t = from; t <= until; t++) {
        counts.push(countAt(t))
        assert.equal(timeline.countAt(t), countAt(t))
      }
      assert.equal(timeline.maxIn(from, until), Math.max(...counts))
      const constant = timeline.constantIn(from, until)
      if (constant !== undefined) assert.deepEqual(counts, Array(counts.length).fill(constant))
      const shared = peers.reduce((sum, presence) => sum + overlap(presence, from, until), 0)
      if (until > from) assert.ok(Math.abs(timeline.meanIn(from, until) * (until - from) - shared) < 1e-6)
    })
  ))

test('sums of real instants keep their fractions', () => {
  const now = 1_767_614_400_000.25
  const peers = Array.from({ length: 10_000 }, () => ({ joined: now, left: now + 60_000.5 }))
  const mean = new PresenceTimeline(peers).meanIn(now, now + 60_000.5)
  assert.ok(Math.abs(mean - 10_000) < 0.01, String(mean))
})

test('constant presence is recognised although peers joined before and left after', () => {
  const timeline = new PresenceTimeline([
    { joined: 0, left: 100 },
    { joined: 5, left: 90 }
  ])
  assert.equal(timeline.constantIn(10, 90), 2)
  assert.equal(timeline.constantIn(10, 91), undefined)
  assert.equal(timeline.constantIn(4, 50), undefined)
})
