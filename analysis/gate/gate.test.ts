import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { leftOfFreeze } from '../testing/freeze'
import { fakeBlocks, fakeRun, type FakeRunOptions } from '../testing/fake-runs'
import { seededRandom } from '../statistics/random'
import { defaultGate, parseGate, STANDARD_CRITERIA } from './criteria'
import type { Run } from '../comparison/run'
import { judgeGate, type Gate, type GateRequest } from './gate'
import { chanceOfDecision, lookSchedule } from './looks'
import { gateHeadline } from './headline'
import { gateRemarks, sequentialSentence } from './sentences'
import type { Summary } from '../../protocol/summary'

const judge = (runs: Run[], request: Partial<GateRequest> = {}): Gate =>
  judgeGate({ criteria: defaultGate(), runs, design: 'paired', ...request })
const ofCandidate = (options: (block: number) => FakeRunOptions) => (block: number, variant: number) =>
  variant === 1 ? options(block) : {}
/** Names of the criteria judged worse. */
const worse = (gate: Gate) =>
  gate.criteria.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name)
const criterion = (gate: Gate, name: string) => gate.criteria.find((each) => each.name === name)!

/** Multiplies the candidate's packets and bytes. */
function withPackets(runs: Run[], factor: number): Run[] {
  for (const { variant, summary } of runs)
    if (variant === 1) {
      summary!.wire.packetsPerMessage! *= factor
      summary!.wire.bytesReceived *= factor
    }
  return runs
}

describe('The gate', () => {
  it('passes a build that does not differ', () => {
    const gate = judge(fakeBlocks(8))
    assert.equal(gate.verdict, 'pass')
    assert.deepEqual(
      gate.criteria.map(({ name, verdict }) => [name, verdict]),
      [...STANDARD_CRITERIA].map((name) => [name, 'holds'])
    )
  })

  it('passes a build that is better', () => {
    assert.equal(
      judge(
        fakeBlocks(
          8,
          ofCandidate(() => ({ delay: 5 }))
        )
      ).verdict,
      'pass'
    )
  })

  it('finds a candidate worse that is void in 12 of 18 attempts, though all compared runs are alike', () => {
    const runs = Array.from({ length: 6 }, (_, block) =>
      [1, 2, 3].flatMap((attempt) => [
        fakeRun(block, 0, { attempt }),
        fakeRun(block, 1, { attempt, ...(attempt < 3 && { parts: 2 }) })
      ])
    ).flat()
    const gate = judge(runs)
    assert.equal(gate.verdict, 'worse')
    assert.deepEqual(worse(gate), ['stability'])
    assert.ok(criterion(gate, 'stability').worseP < 0.002)
    assert.deepEqual(gate.attempts.candidate, { attempts: 18, valid: 6, void: 12, failed: 0 })
    const split = gate.attempts.reasons.find(({ reason }) => reason === 'split-mesh')
    assert.deepEqual(split, { reason: 'split-mesh', cause: 'build-or-machine', baseline: 0, candidate: 12 })
  })

  it('finds a candidate worse that never has a valid run', () => {
    const runs = [0, 1, 2].flatMap((block) =>
      [1, 2, 3].flatMap((attempt) => [
        fakeRun(block, 0, { attempt }),
        fakeRun(block, 1, { attempt, failures: ['No peer connects'] })
      ])
    )
    const gate = judge(runs)
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['stability']])
    assert.equal(gate.attempts.candidate.failed, 9)
  })

  it('does not blame the candidate for trouble that hits both builds', () => {
    const strikes = Array.from({ length: 8 }, (_, block) =>
      [1, 2].flatMap((attempt) =>
        [0, 1].map((variant) => fakeRun(block, variant, { attempt, ...(attempt < 2 && { parts: 2 }) }))
      )
    ).flat()
    assert.equal(judge(strikes).verdict, 'pass')
  })

  it('finds a candidate worse that loses 8 % of messages, however fast the others are', () => {
    const gate = judge(
      fakeBlocks(
        8,
        ofCandidate((block) => ({ loss: 0.08, delay: 15 + block }))
      )
    )
    assert.equal(gate.verdict, 'worse')
    assert.deepEqual(worse(gate).slice(0, 2), ['delivery', 'latency'])
    // In most runs, a percentile falls on messages that never arrived.
    assert.equal(criterion(gate, 'latency').components[0]!.candidate, 'never')
  })

  it('finds a page worse that freezes for 800 ms every 20 s', () => {
    const gate = judge(
      fakeBlocks(8, (_, variant) => ({
        delay: 3,
        duration: 25,
        ...(variant === 1 && { sendLateness: leftOfFreeze })
      }))
    )
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['latency']])
  })

  it('finds a candidate worse that loses 2 % in each of 8 blocks', () => {
    const random = seededRandom(4)
    const gate = judge(
      fakeBlocks(
        8,
        ofCandidate(() => ({ loss: 0.018 + 0.004 * random.uniform() }))
      )
    )
    assert.ok(worse(gate).includes('delivery'), worse(gate).join())
  })

  it('finds a candidate worse that is three times slower, though one of six blocks is void', () => {
    const runs = fakeBlocks(6, (block, variant) => ({
      delay: (20 + block) * (variant === 1 ? 3 : 1),
      ...(block === 2 && { cpuUsage: 0.99 })
    }))
    const gate = judge(runs)
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['latency']])
  })

  it('finds a candidate worse that sends 2.5 % more packets in every block', () => {
    const gate = judge(withPackets(fakeBlocks(8), 1.025))
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['traffic']])
  })

  it('passes a candidate that is worse by less than the margin', () => {
    assert.equal(judge(withPackets(fakeBlocks(8), 1.002)).verdict, 'pass')
  })

  it('is undecided with too few blocks, and says how many it takes', () => {
    const gate = judge(fakeBlocks(4))
    assert.equal(gate.verdict, 'undecided')
    assert.match(criterion(gate, 'stability').remark!, /^it takes 8 attempts without a loss; there are 4$/)
    assert.match(criterion(gate, 'cpu').remark!, /5 blocks are the fewest/)
  })

  it('never shows timed criteria to hold if builds share cores, but can find them worse', () => {
    const shared = { sharedCores: true }
    const gate = judge(fakeBlocks(8), shared)
    assert.equal(gate.verdict, 'undecided')
    assert.deepEqual(
      gate.criteria.filter(({ verdict }) => verdict === 'undecided').map(({ name }) => name),
      ['latency', 'connecting', 'cpu']
    )
    assert.deepEqual(
      worse(
        judge(
          fakeBlocks(
            8,
            ofCandidate(() => ({ delay: 60 }))
          ),
          shared
        )
      ),
      ['latency']
    )
  })

  it('judges unpaired results', () => {
    const unpaired = (runs: Run[]) =>
      judge(
        runs.map((run) => ({ ...run, block: null })),
        { design: 'unpaired' }
      )
    assert.equal(unpaired(fakeBlocks(10, () => ({ delay: 20 }))).verdict, 'pass')
    assert.ok(
      worse(
        unpaired(
          fakeBlocks(
            6,
            ofCandidate(() => ({ loss: 0.1 }))
          )
        )
      ).includes('delivery')
    )
    const halfVoid = fakeBlocks(
      16,
      ofCandidate((block) => (block % 2 ? { parts: 2 } : {}))
    )
    assert.deepEqual(worse(unpaired(halfVoid)), ['stability'])
  })

  it('keeps lost messages in its JSON', () => {
    const runs = fakeBlocks(8)
    const criteria = parseGate('only,latency')
    criteria[0]!.components[0]!.valueOf = ({ testId }) => (testId.includes('build-1') ? Infinity : 20)
    const gate = judge(runs, { criteria })
    assert.equal(gate.verdict, 'worse')
    const [latency] = (JSON.parse(JSON.stringify(gate)) as Gate).criteria
    assert.equal(latency!.components[0]!.candidate, 'never')
  })
})

/** Changes one figure of every candidate's summary. */
function withCandidate(runs: Run[], change: (summary: Summary, block: number) => void): Run[] {
  for (const { variant, summary, block } of runs) if (variant === 1) change(summary!, block!)
  return runs
}

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

describe('The words of the gate', () => {
  it('call a change worse only if it is beyond the margin', () => {
    const random = seededRandom(6)
    const cpu = (change: number, spread: number) =>
      judge(
        withCandidate(fakeBlocks(12), (summary) => {
          summary.machine.cpuMsPerDelivered! *= change * Math.exp(spread * random.normal())
        }),
        { criteria: parseGate('only,cpu:5%') }
      )
    const slightly = cpu(1.042, 0.02)
    assert.equal(slightly.verdict, 'undecided')
    assert.match(
      gateRemarks(slightly)[0]!,
      /^CPU: slightly worse: machine\.cpuMsPerDelivered \+[34][.\d]* ?%, not shown to exceed the margin of 5 ?%\.$/
    )
    const far = cpu(1.08, 0.01)
    assert.equal(far.verdict, 'worse')
    assert.match(gateHeadline(far), /^worse in CPU: per delivered message \+[78][.\d]* ?%, margin 5 ?%$/)
  })

  it('quote the first uncaught error of each build', () => {
    const gate = judge(
      withCandidate(fakeBlocks(9), (summary) => {
        summary.errors = { uncaught: 21, first: 'Error: planted\n    at receive' }
      })
    )
    assert.match(gateHeadline(gate), /^worse in errors: uncaught \+21, margin 0\.5/)
    assert.deepEqual(gateRemarks(gate), [`errors: the candidate's first uncaught error is "Error: planted"`])
  })

  it('name what got better', () => {
    const gate = judge(withPackets(fakeBlocks(9), 0.93))
    assert.match(gateHeadline(gate), /^pass.*; better in traffic, −7 ?%$/)
  })

  it('say what no run reports, and what only some do', () => {
    const unknown = fakeBlocks(9)
    for (const { summary } of unknown) summary!.machine.cpuMsPerDelivered = null
    assert.match(
      gateHeadline(judge(unknown)),
      /^pass \(6 of 7 criteria\); not judged: CPU, part of latency, part of connecting \(unknown in these runs\)$/
    )
    const half = withCandidate(fakeBlocks(9), (summary) => (summary.machine.cpuMsPerDelivered = null))
    assert.equal(judge(half).verdict, 'undecided')
    assert.match(gateRemarks(judge(half))[0]!, /^CPU: unknown in some runs/)
  })

  it('say first what virtual time does not judge', () => {
    const simulated = fakeBlocks(9)
    for (const { summary } of simulated) {
      summary!.provenance.engine = 'simulation'
      summary!.machine.cpuMsPerDelivered = null
    }
    assert.match(
      gateHeadline(judge(simulated)),
      /^pass \(5 of 7 criteria\); not judged: latency, CPU \(virtual time\)/
    )
    const late = withCandidate(simulated, (summary) => (summary.latencyOwed.position!.p95! += 8))
    assert.deepEqual(worse(judge(late)), ['latency'])
  })

  it('show as a limit what the looks would have shown to hold', () => {
    const random = seededRandom(7)
    const runs = withCandidate(fakeBlocks(12), (summary) => {
      summary.machine.cpuMsPerDelivered! *= Math.exp(0.03 * random.normal())
    })
    const looks = lookSchedule([24]).slice(0, 5)
    const limitOf = (margin: number) =>
      judge(runs, { looks, maxBlocks: 24, criteria: parseGate(`only,cpu:${margin}`) }).criteria[0]!
    const limit = (limitOf(1).components[0]!.limit as number) - 1
    assert.equal(limitOf(limit + 0.0001).verdict, 'holds')
    assert.equal(limitOf(limit - 0.0001).verdict, 'undecided')
  })
})

describe('A sequential gate', () => {
  it('looks after each block from the eighth on, and leaves some of its level for more blocks', () => {
    assert.deepEqual(
      lookSchedule([13]).map(({ blocks }) => blocks),
      [8, 9, 10, 11, 12, 13]
    )
    const spent = lookSchedule([24]).map((look) => look.spent)
    assert.deepEqual(
      spent,
      [...spent].sort((a, b) => a - b)
    )
    assert.equal(spent.at(-1), 0.9)
    assert.deepEqual(lookSchedule([24, 48]).slice(0, spent.length), lookSchedule([24]))
    assert.equal(lookSchedule([24, 48]).at(-1)!.spent.toFixed(4), '0.9300')
  })

  it('gives one reason for all criteria that lack it', () => {
    const [stability, others, ...more] = gateRemarks(judge(fakeBlocks(3, () => ({ cpuUsage: 0.99 }))))
    assert.match(stability!, /^stability: /)
    assert.match(others!, /^delivery, latency, .* and errors: no block was valid in both builds/)
    assert.deepEqual(more, [])
  })

  it('finds a clear change at its first look, and passes an equal build there', () => {
    const looks = lookSchedule([24]).slice(0, 1)
    assert.equal(judge(withPackets(fakeBlocks(8), 1.025), { looks, maxBlocks: 24 }).verdict, 'worse')
    assert.equal(judge(fakeBlocks(8), { looks, maxBlocks: 24 }).verdict, 'pass')
  })

  it('says that it was stopped before its first look', () => {
    const gate = judge(fakeBlocks(2), { looks: [], maxBlocks: 24 })
    assert.equal(gate.verdict, 'undecided')
    assert.match(criterion(gate, 'cpu').remark!, /^too few blocks for the first look/)
    assert.equal(
      sequentialSentence(gate),
      'Not judged yet: the gate looks at the runs for the first time after 8 of at most 24 blocks.'
    )
    const looks = lookSchedule([24]).slice(0, 1)
    assert.match(
      sequentialSentence(judge(fakeBlocks(8), { looks, maxBlocks: 24 }))!,
      /^Judged after 8 of at most 24 blocks, at look 1\. /
    )
    assert.equal(sequentialSentence(judge(fakeBlocks(8))), null)
  })

  it('stops when further blocks are hopeless', () => {
    const request = (runs: Run[]): GateRequest => ({
      criteria: parseGate('only,latency:1%'),
      runs,
      design: 'paired',
      looks: lookSchedule([12]).slice(0, 1)
    })
    const random = seededRandom(5)
    const noisy = fakeBlocks(8, () => ({ delay: 20 * Math.exp(0.3 * random.normal()) }))
    assert.ok(chanceOfDecision(request(noisy), 12) < 0.1)
    assert.ok(chanceOfDecision(request(fakeBlocks(8)), 12) > 0.9)
  })
})

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
    { text: 'only,wire.packetsPerMessage:1%', expected: ['wire.packetsPerMessage 0.01'] }
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

  const wrong = [
    { text: 'speed', message: /unknown criterion "speed"/ },
    { text: 'latency:fast', message: /margin "fast"/ },
    { text: 'latency:0', message: /margin "0"/ },
    { text: 'latency:1:2', message: /too many colons/ },
    { text: 'only', message: /names no criterion/ },
    { text: 'sent.all', message: /neither more nor less is worse/ },
    { text: 'machine.memorySlope', message: /reported and not judged/ }
  ]
  for (const { text, message } of wrong) {
    it(`may not be "${text}"`, () => {
      assert.throws(() => parseGate(text), message)
    })
  }
})
