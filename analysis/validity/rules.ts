/**
 * The rules that a test must pass to be believed, as one list (docs/validity.md). They judge whether the machines and the set-up were
 * fit to tell, not whether the mesh did well: that is what thresholds are for.
 */
import type { Reason } from '../../protocol/summary'
import { meantGroups } from '../mesh/mesh-timeline'
import { overloadAdvice } from './capacity'
import type { Facts, PeerFacts } from './facts'
import { VALIDITY } from './limits'

type Finding = Omit<Reason, 'rule'>

export interface Rule {
  name: string
  /** In one sentence, for the documentation. */
  statement: string
  check: (facts: Facts) => Finding[]
}

export const RULES: readonly Rule[] = [
  {
    name: 'no-data',
    statement: 'A finished test was started and has data.',
    check: ({ state, peers }) => {
      if (state.state !== 'finished') return []
      if (state.startsAt === undefined) {
        return [
          {
            what: 'The test was finished without being started.',
            why: 'Nothing was measured.',
            advice: 'Start it by PUT /test/:testId/start, or create it with expectedPeers.'
          }
        ]
      }
      if (peers.length > 0) return []
      return [
        {
          what: 'No peer sent any data.',
          why: 'There is nothing to judge.',
          advice:
            "Look at the runners' output: were pages opened, did they reach the results server and the Lighthouse?"
        }
      ]
    }
  },
  {
    name: 'too-few-peers',
    statement: 'As many peers as expected were present at once.',
    check: ({ state, peakPeers, peers }) => {
      const { expectedPeers } = state
      if (state.state === 'created' || expectedPeers === undefined) return []
      if (peers.length === 0 || peakPeers >= expectedPeers) return []
      return [
        {
          what: `${expectedPeers} peers were expected; at most ${peakPeers} were there at once.`,
          why: 'A smaller mesh is another mesh: its figures compare with nothing.',
          advice: 'Look for tabs that failed to connect, and wait for all peers to be ready before the start.'
        }
      ]
    }
  },
  {
    name: 'lost-runner',
    statement: "Each runner's heartbeat lasted until it was done.",
    check: ({ runners }) =>
      runners
        .filter(({ lost }) => lost)
        .map(({ id, peers }) => ({
          subject: id,
          what: `Runner ${id}, with ${peers} peers, was lost: its heartbeat stopped.`,
          why: 'Its peers vanished in mid-test, and what they had not handed in is missing.',
          advice: 'Look at its container or machine: killed, out of memory, or cut from the network?'
        }))
  },
  {
    name: 'crashed-tab',
    statement: 'No tab crashed.',
    check: ({ runners }) =>
      runners
        .filter(({ crashedTabs }) => crashedTabs > 0)
        .map(({ id, crashedTabs, errors }) => ({
          subject: id,
          what: `${counted(crashedTabs, 'tab')} of runner ${id} crashed${errors[0] ? `: ${errors[0]}` : ''}.`,
          why: 'Its peers left the mesh in mid-test without a word.',
          advice:
            'Give the machine more memory (and 1 GB of /dev/shm in a container), or run fewer peers a tab.'
        }))
  },
  {
    name: 'silent-peer',
    statement: 'Each peer reported until its end and handed in its account.',
    check: (facts) => silentPeers(facts)
  },
  {
    name: 'frozen-peer',
    statement: 'No page stood still for 2 s or more.',
    check: ({ peers, interval }) => {
      const longestWait = Math.max(VALIDITY.missedIntervals * (interval ?? 0), VALIDITY.frozenMs)
      const frozen = peers.filter(
        ({ latenessMax, longestGap }) => latenessMax > VALIDITY.frozenMs || longestGap > longestWait
      )
      if (frozen.length === 0) return []
      const worst = Math.max(
        ...frozen.map(({ latenessMax, longestGap }) => Math.max(latenessMax, longestGap))
      )
      return [
        {
          ...subjectOf(frozen),
          what: `${named(frozen)} stood still for up to ${(worst / 1000).toFixed(1)} s.`,
          why: 'Messages expired and neighbours waited while the page, not the mesh, was at rest.',
          advice:
            'Look for a debugger, a suspended or swapping machine, or a hidden tab that the browser throttled.'
        }
      ]
    }
  },
  {
    name: 'tick-lateness',
    statement: "The 95th percentile of each page's tick lateness is 50 ms or less.",
    check: (facts) => {
      const late = facts.peers.filter(
        ({ latenessP95, lateTicksProven }) =>
          (latenessP95 ?? 0) > VALIDITY.tickLatenessP95 ||
          (latenessP95 === null && lateTicksProven >= VALIDITY.lateTickShare)
      )
      if (late.length === 0) return []
      const worst = Math.max(...late.map(({ latenessP95 }) => latenessP95 ?? 0))
      const extent = worst > 0 ? ` (worst: ${worst.toFixed(0)} ms)` : ''
      return [
        {
          ...subjectOf(late),
          what: `The machine is overloaded: the ticks of ${named(late)} came more than ${VALIDITY.tickLatenessP95} ms late at the 95th percentile${extent}.`,
          why: 'Latencies then measure how long messages waited for the processor, not the mesh.',
          advice: overloadAdvice(facts)
        }
      ]
    }
  },
  {
    name: 'sent-too-little',
    statement: 'Each peer sent at least 95 % of the messages that its routine owed.',
    check: (facts) => {
      const short = facts.peers.filter(
        ({ sent, nominal }) => nominal !== undefined && sent < VALIDITY.sentShare * nominal - 1
      )
      if (short.length === 0) return []
      const lowest = Math.min(...short.map(({ sent, nominal }) => sent / nominal!))
      return [
        {
          ...subjectOf(short),
          what: `The machine is overloaded, or sending failed: ${named(short)} sent as little as ${percent(lowest)} of what the routine owed.`,
          why: 'The mesh was under less load than the test says.',
          advice:
            facts.summary.sendErrors > 0
              ? `${facts.summary.sendErrors} messages were refused by the library: see the peers' errors. ${overloadAdvice(facts)}`
              : overloadAdvice(facts)
        }
      ]
    }
  },
  {
    name: 'cpu',
    statement: "Each runner's CPU was at most 90 % busy, on average over the measured time.",
    check: (facts) =>
      facts.runners
        .filter(({ usage }) => (usage ?? 0) > VALIDITY.cpuUsage)
        .map(({ id, usage }) => ({
          subject: id,
          what: `The machine of runner ${id} is overloaded: its CPU was ${percent(usage!)} busy.`,
          why: 'Peers waited for the processor, and latencies contain that wait.',
          advice: overloadAdvice(facts)
        }))
  },
  {
    name: 'throttled',
    statement: 'No runner was throttled by its cgroup in more than 5 % of the scheduler’s periods.',
    check: (facts) =>
      facts.runners
        .filter(({ throttled }) => (throttled ?? 0) > VALIDITY.throttled)
        .map(({ id, throttled }) => ({
          subject: id,
          what: `Runner ${id} was throttled by its cgroup in ${percent(throttled!)} of the scheduler's periods.`,
          why: 'Its pages stood still for up to 100 ms each time.',
          advice: `Raise the container's CPU limit. ${overloadAdvice(facts)}`
        }))
  },
  {
    name: 'dead-receiver',
    statement: 'Each peer with open connections received messages.',
    check: (facts) => deadReceivers(facts)
  },
  {
    name: 'split-mesh',
    statement: 'All peers were in one group and one component (or as few as the capacity of groups allows).',
    check: ({ state, summary, peakPeers, splitShare }) => {
      const meant = meantGroups(peakPeers)
      const { groups, components } = summary.mesh
      if (state.state === 'created' || (state.state === 'running' && splitShare === 0)) return []
      const findings: Finding[] = []
      if ((groups ?? 0) > meant) {
        findings.push({
          what: `The peers ended in ${groups} layers or islands where ${counted(meant, 'was', 'were')} meant.`,
          why: 'Peers of different groups never hear each other: this is several small tests, not one.',
          advice:
            'Place the peers nearer to each other (islands), or use one layer and a fresh Lighthouse (layers).'
        })
      }
      if ((components ?? 0) > meant || splitShare > 0.5) {
        findings.push({
          what: `The mesh was in ${Math.max(components ?? 0, summary.mesh.componentsMax ?? 0)} parts ${splitShare > 0.5 ? 'for most of the time' : 'at the end'}.`,
          why: 'Messages cannot cross from one part to another: delivery and latency are those of smaller meshes.',
          advice:
            'Look whether all pages reach each other (ICE candidates, network) and use the identical Lighthouse URL.'
        })
      }
      return findings
    }
  },
  {
    name: 'clock-error',
    statement: 'The clocks are known to a tenth of the median latency.',
    check: ({ summary }) => {
      const error = summary.latencyClockError
      const median = summary.latency.all?.p50
      if (error === null || median === undefined || error <= VALIDITY.clockErrorShare * median) return []
      return [
        {
          what: `The clocks are known to ±${milliseconds(error)} only, while the median latency is ${milliseconds(median)}.`,
          why: 'More than a tenth of the latency may be the error of the clocks.',
          advice:
            'Bring the results server nearer to the clients, or read only differences between runs on the same machines.'
        }
      ]
    }
  },
  {
    name: 'negative-latency',
    statement: 'At most 1 % of the messages arrived before they were sent.',
    check: ({ summary }) => {
      const share = summary.received.all > 0 ? summary.negativeLatencies / summary.received.all : 0
      if (share <= VALIDITY.negativeLatencies) return []
      return [
        {
          what: `${percent(share)} of the messages arrived before they were sent, by the corrected clocks.`,
          why: 'The clocks are wrong by more than the latency: no latency of this test is right.',
          advice: 'Synchronise the machines’ clocks (NTP), and look for one that jumps.'
        }
      ]
    }
  },
  {
    name: 'unreadable-data',
    statement: 'All accounts and histograms can be read.',
    check: ({ unreadable }) =>
      unreadable.map((id) => ({
        subject: id,
        what: `The account of peer ${id} holds a histogram or list that cannot be read.`,
        why: 'Its part is missing in the figures.',
        advice: 'Use clients of the same version as the results server.'
      }))
  }
]

/** All broken rules of a test, in the order of the list. None means that it is valid. */
export function reasonsOf(facts: Facts): Reason[] {
  return RULES.flatMap(({ name, check }) => check(facts).map((finding) => ({ rule: name, ...finding })))
}

function silentPeers(facts: Facts): Finding[] {
  const { state, peers } = facts
  if (state.state === 'created' || peers.length === 0) return []
  const why = 'What it did and heard after that is not known, and its neighbours may have lost it too.'
  if (state.state === 'finished' && peers.every(({ done }) => !done)) {
    return [
      {
        what: `None of the ${counted(peers.length, 'peer')} handed in its final account.`,
        why: 'Only the accounts hold exact counts, latencies and tick lateness: this test cannot be checked.',
        advice: 'Let the clients finish by themselves, and use clients of this version.'
      }
    ]
  }
  const silent = peers.filter((peer) => isSilent(peer, facts))
  if (silent.length === 0) return []
  return [
    {
      ...subjectOf(silent),
      what: `${named(silent)} stopped reporting.`,
      why,
      advice:
        'Look for crashed tabs, an unreachable results server, or a test finished by hand before its time.'
    }
  ]
}

function isSilent(
  { done, dataPoints, lastSeen, leaves }: PeerFacts,
  { state, interval, now }: Facts
): boolean {
  if (state.state === 'finished' && !done) return true
  if (interval === undefined || dataPoints === 0) return false
  return Math.min(leaves, now) - lastSeen! > VALIDITY.missedIntervals * interval
}

function deadReceivers({ peers, summary }: Facts): Finding[] {
  const dead = peers.filter(
    (peer) =>
      peer.openConnections > 0 &&
      peer.presentMs >= VALIDITY.deadAfterMs &&
      summary.sent.all > peer.sent &&
      (peer.packetsReceived === 0 || peer.received === 0)
  )
  if (dead.length === 0) return []
  const deaf = dead.every(({ packetsReceived }) => packetsReceived > 0)
  return [
    {
      ...subjectOf(dead),
      what: deaf
        ? `${named(dead)} received packets, but not one message.`
        : `${named(dead)} had open connections and received nothing.`,
      why: 'A peer that looks connected and hears nothing means that the mesh, or this build in this page, does not work.',
      advice: deaf
        ? 'The library throws away what it cannot decode: is long wired into its protobufjs, and do all peers speak one protocol version?'
        : 'Look at the data channels of this page, and whether the others’ lists of connections name it.'
    }
  ]
}

function subjectOf(peers: readonly PeerFacts[]): { subject?: string } {
  return peers.length === 1 ? { subject: peers[0]!.id } : {}
}

/** `peer a`, or `3 peers (a, b, c)`, at most three by name. */
function named(peers: readonly PeerFacts[]): string {
  if (peers.length === 1) return `peer ${peers[0]!.id}`
  const ids = peers.slice(0, 3).map(({ id }) => id)
  return `${peers.length} peers (${ids.join(', ')}${peers.length > 3 ? ', …' : ''})`
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function milliseconds(value: number): string {
  return `${value.toPrecision(3)} ms`
}
