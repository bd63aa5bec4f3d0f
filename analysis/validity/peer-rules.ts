import { counted } from '../format'
import { findingOn, rule, type Facts, type Finding, type PeerFacts, type Rule } from './facts'
import { VALIDITY } from './limits'

/** Was every peer present, and until the end? */
export const PRESENCE_RULES: readonly Rule[] = [
  rule('no-data', 'build-or-machine', (facts) => {
    const { state, peers } = facts
    if (state.state !== 'finished') return undefined
    if (state.startsAt === undefined) return neverStarted(facts)
    if (peers.length > 0) return undefined
    return {
      what: 'No peer sent any data.',
      why: 'There is nothing to judge.',
      advice:
        "Look at the runners' output: were pages opened, did they reach the results server and the Lighthouse?"
    }
  }),
  rule('nothing-measured', 'build-or-machine', ({ state, summary, peers }) => {
    const { sent, expected, received, measured } = summary
    // Without final results the counts are unknown, not zero; `silent-peer` reports that case.
    const isKnown =
      state.state === 'finished' && state.startsAt !== undefined && peers.some(({ done }) => done)
    if (!isKnown) return undefined
    const why = 'There is no delivery and no latency to report: every figure is empty.'
    // Applies whatever the peers claim to have sent.
    if (measured.seconds === 0) {
      return {
        // The routines ran for the configured time, and no build can change that.
        cause: 'machine',
        what: `Nothing was measured: the test ended within its warm-up of ${state.warmup} s.`,
        why,
        advice: `Run it for longer than ${state.warmup} s, or shorten the warm-up.`
      }
    }
    if (expected.all > 0 || received.all > 0) return undefined
    if (sent.all > 0) {
      return {
        what: 'Nothing was measured: no message was owed to anybody.',
        why,
        advice: 'Run at least two peers, at the same time.'
      }
    }
    return {
      what: 'Nothing was measured: no peer sent a message after the warm-up.',
      why,
      advice: 'Choose a routine that sends, for at least some of the peers (docs/routines.md).'
    }
  }),
  rule('too-few-peers', 'build-or-machine', ({ state, peakPeers, peers, now, interval }) => {
    const { expectedPeers } = state
    if (state.startsAt === undefined || expectedPeers === undefined) return undefined
    const mayStillCome = now - state.startsAt < VALIDITY.missedIntervals * (interval ?? 0)
    if (state.state === 'running' && mayStillCome) return undefined
    if (peers.length === 0 || peakPeers >= expectedPeers) return undefined
    return {
      what: `${counted(expectedPeers, 'peer was', 'peers were')} expected; at most ${counted(peakPeers, 'was', 'were')} there at once.`,
      why: 'A smaller mesh is another mesh: its figures compare with nothing.',
      advice: 'Look for tabs that failed to connect, and wait for all peers to be ready before the start.'
    }
  }),
  rule('lost-runner', 'machine', ({ runners }) =>
    runners
      .filter(({ lost }) => lost)
      .map(({ id, peers }) => ({
        subject: id,
        what: `Runner ${id}, with ${peers} peers, was lost: its heartbeat stopped.`,
        why: 'Its peers vanished in mid-test, and what they had not submitted is missing.',
        advice: 'Look at its container or machine: killed, out of memory, or cut from the network?'
      }))
  ),
  rule('crashed-tab', 'build-or-machine', ({ runners }) =>
    runners
      .filter(({ crashedTabs }) => crashedTabs > 0)
      .map(({ id, crashedTabs, crash }) => ({
        subject: id,
        what: `${counted(crashedTabs, 'tab')} of runner ${id} crashed${crash === undefined ? '' : `: ${crash}`}.`,
        why: 'Its peers vanished during the test.',
        advice: 'Give the machine or container more memory, or run fewer peers per tab.'
      }))
  ),
  rule('disturbed', 'build-or-machine', ({ runners }) =>
    runners
      .filter(({ disturbance }) => disturbance !== undefined)
      .map(({ id, disturbance }) => ({
        subject: id,
        what: `${disturbance}, reports runner ${id}.`,
        why: 'What happened then is not due to the build alone.',
        advice: 'Mend that, and repeat the test.'
      }))
  ),
  rule('silent-peer', 'build-or-machine', (facts) => {
    const { state, peers } = facts
    if (state.state === 'created' || peers.length === 0) return undefined
    if (state.state === 'finished' && peers.every(({ done }) => !done)) {
      return {
        what: `No peer submitted its final results; ${counted(peers.length, 'peer')} reported.`,
        why: 'Only final results hold exact counts, latencies and tick lateness: this test cannot be checked.',
        advice: 'Let the clients finish by themselves, and use clients of this version.'
      }
    }
    const silent = peers.filter((peer) => isSilent(peer, facts))
    return findingOn(silent, (named) => ({
      what: `${named} stopped reporting.`,
      why: 'What it did and heard after that is not known, and its neighbours may have lost it too.',
      advice:
        'Look for crashed tabs, an unreachable results server, or a test finished by hand before its time.'
    }))
  })
]

function neverStarted({ state, runners }: Facts): Finding {
  // The first one of a runner is most likely the reason.
  const error = runners.flatMap(({ errors }) => errors)[0]
  const { expectedPeers = 0, peers } = state
  // A build may keep its peers from connecting; only once all are ready it is in nobody's hands but people's.
  const cause = peers.ready < expectedPeers ? 'build-or-machine' : 'machine'
  const finding = (what: string, advice: string): Finding => {
    return { cause, what, why: 'Nothing was measured.', advice }
  }
  if (error !== undefined)
    return finding(
      `The test did not start: ${error.replace(/\.?\s*$/, '.')}`,
      'Correct that and run it again.'
    )
  return cause === 'machine'
    ? finding(
        'The test was finished without being started.',
        'Press Start on its page (or call PUT /test/:testId/start), or say at creation how many peers to expect: it then starts by itself.'
      )
    : finding(
        `The test never started: ${peers.ready} of ${counted(expectedPeers, 'expected peer')} became ready.`,
        "Look at the runners' output: what kept the others from joining and connecting?"
      )
}

function isSilent(
  { done, dataPoints, lastSeen, leaves, presentMs }: PeerFacts,
  { state, interval, now }: Facts
): boolean {
  if (state.state === 'finished' && !done) return true
  if (dataPoints === 0) return presentMs > VALIDITY.missedIntervals * (interval ?? 0)
  return Math.min(leaves, now) - lastSeen! > VALIDITY.missedIntervals * (interval ?? Infinity)
}
