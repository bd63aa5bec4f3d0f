/** Planted faults of every family: the gate calls each worse, and names what shows it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeBlocks, type FakeRunOptions } from '../testing/fake-runs'
import { criterion, judge, withCandidate, worse } from '../testing/judged'
import type { Summary } from '../../protocol/summary'

describe('The gate sees', () => {
  const cases: {
    what: string
    change: (summary: Summary, block: number) => void
    criterion: string
    metric: string
  }[] = [
    {
      what: 'half of all chat lost',
      change: (s) => (s.delivery.chat! *= 0.5),
      criterion: 'delivery',
      metric: 'delivery.chat'
    },
    {
      what: '5% of all profiles lost',
      change: (s) => (s.delivery.profile! *= 0.95),
      criterion: 'delivery',
      metric: 'delivery.profile'
    },
    {
      what: 'every message handed over twice',
      change: (s) => (s.duplicateRatio.all! += 1),
      criterion: 'delivery',
      metric: 'duplicateRatio.all'
    },
    {
      what: 'every chat handed over twice',
      change: (s) => (s.duplicateRatio.chat! += 1),
      criterion: 'delivery',
      metric: 'duplicateRatio.chat'
    },
    {
      what: 'profiles 1.5 s late',
      change: (s) => (s.latencyOwed.profile!.p95! += 1500),
      criterion: 'latency',
      metric: 'latencyOwed.profile.p95'
    },
    {
      what: 'chats 3 s late',
      change: (s) => (s.latencyOwed.chat!.p50! += 3000),
      criterion: 'latency',
      metric: 'latencyOwed.chat.p50'
    },
    {
      what: 'joining 3 s later',
      change: (s) => (s.connection.first!.p95 += 3000),
      criterion: 'connecting',
      metric: 'connection.first.p95'
    },
    {
      what: 'requests to the Lighthouse',
      change: (s) => (s.lighthouse.requests! += 5),
      criterion: 'traffic',
      metric: 'lighthouse.requests'
    },
    {
      what: 'uncaught errors',
      change: (s) => (s.errors.uncaught! += 21),
      criterion: 'errors',
      metric: 'errors.uncaught'
    }
  ]
  for (const { what, change, criterion: name, metric } of cases) {
    it(what, () => {
      const gate = judge(
        withCandidate(
          fakeBlocks(9, () => FEW_CHATS),
          change
        )
      )
      assert.deepEqual([gate.verdict, worse(gate)], ['worse', [name]])
      const culprits = criterion(gate, name).components.filter(({ verdict }) => verdict === 'worse')
      assert.ok(culprits.some((each) => each.metric === metric))
    })
  }
})

/** Enough chats for every percentile. */
const FEW_CHATS: FakeRunOptions = { rates: { position: 10, profile: 5, chat: 5 } }
