import { MESSAGE_KINDS } from '../../protocol/names'
import { counted, formatMetric } from '../format'
import { meantGroups } from '../mesh/mesh-timeline'
import { findingOn, rule, type Facts, type Finding, type Rule } from './facts'
import { VALIDITY } from './limits'

/** Was it one mesh, and did it work at all? */
export const MESH_RULES: readonly Rule[] = [
  rule('dead-receiver', 'build-or-machine', ({ peers, summary }) => {
    const dead = peers.filter(
      (peer) =>
        peer.openConnections > 0 &&
        peer.presentMs >= VALIDITY.deadAfterMs &&
        summary.sent.all > peer.sent &&
        (peer.packetsReceived === 0 || peer.received === 0)
    )
    const deaf = dead.every(({ packetsReceived }) => packetsReceived > 0)
    return findingOn(dead, (named) => ({
      what: deaf
        ? `${named} received packets, but not one message.`
        : `${named} had open connections and received nothing.`,
      why: 'A peer that looks connected and hears nothing means that the mesh, or this build in this page, does not work.',
      advice: deaf
        ? decodingAdvice(summary.errors.first)
        : 'Look at the data channels of this page, and whether the others’ lists of connections name it.'
    }))
  }),
  rule('split-mesh', 'build-or-machine', ({ state, summary, peakPeers, splitShare }) => {
    const meant = meantGroups(peakPeers)
    const { groups, components, componentsMax } = summary.mesh
    if (state.state === 'created' || (state.state === 'running' && splitShare === 0)) return undefined
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
        what:
          splitShare > 0.5
            ? `The mesh was split for most of the time, into up to ${componentsMax} parts.`
            : `The mesh was in ${components} parts at the end.`,
        why: 'Messages cannot cross from one part to another: delivery and latency are those of smaller meshes.',
        advice:
          'Look whether all pages reach each other (ICE candidates, network) and use the identical Lighthouse URL.'
      })
    }
    return findings
  })
]

/** Can the figures be true at all, can the clocks be trusted, and is all data there? */
export const FIGURE_RULES: readonly Rule[] = [
  rule('impossible-figures', 'build-or-machine', (facts) =>
    [echoes, altered, unknown, withoutPackets, moreThanOwed].flatMap((find) => find(facts) ?? [])
  ),
  rule('clock-error', 'machine', ({ summary }) => {
    const error = summary.latencyClockError
    const median = summary.latency.all?.p50 ?? null
    if (error === null || median === null || error <= VALIDITY.clockErrorShare * median) return undefined
    return {
      what: `The clocks are known to ±${formatMetric(error, 'ms')} only, while the median latency is ${formatMetric(median, 'ms')}.`,
      why: 'More than a tenth of the latency may be the error of the clocks.',
      advice:
        'Start one runner on each machine, run chrony on all of them (docs/networks.md#clocks-over-a-distance), or add delay, for example by --network home.'
    }
  }),
  rule('negative-latency', 'machine', ({ summary }) => {
    const share = summary.received.all > 0 ? summary.negativeLatencies / summary.received.all : 0
    if (share <= VALIDITY.negativeLatencies) return undefined
    return {
      what: `${formatMetric(share, 'ratio')} of the messages arrived before they were sent, by the corrected clocks.`,
      why: 'The clocks are wrong by more than the latency: no latency of this test is right.',
      advice: 'Synchronise the machines’ clocks (NTP), and look for one that jumps.'
    }
  }),
  rule('unreadable-data', 'machine', ({ unreadable }) =>
    unreadable.map((id) => ({
      subject: id,
      what: `A histogram or list of peer ${id} cannot be read.`,
      why: 'Its part is missing in the figures.',
      advice: 'Use clients of the same version as the results server.'
    }))
  ),
  rule('damaged-data', 'machine', ({ state: { damage } }) => {
    if (damage === undefined) return undefined
    return {
      what: `Some of this test's data is lost: ${damage}.`,
      why: 'Counts and percentiles leave out what is lost, and nothing tells how it would have changed them.',
      advice:
        'Check the results server’s disk and its log, and run the test again (docs/reliability.md says what the server promises).'
    }
  })
]

const found = (count: number | null, describe: (count: number) => Finding) =>
  count ? describe(count) : undefined

const echoes = ({ summary }: Facts) =>
  found(summary.integrity.echoes, (count) => ({
    what: `The library handed ${counted(count, 'message')} to the peer that had sent ${count === 1 ? 'it' : 'them'}.`,
    why: 'An application would take its own message for one of another user. Echoes do not count as delivered.',
    advice: 'Look where the library calls back for a packet whose source is the peer itself.'
  }))

const altered = ({ summary }: Facts) =>
  found(summary.integrity.altered, (count) => ({
    what: `${counted(count, 'message')} arrived with other content than was sent, by its checksum.`,
    why: 'An application would get wrong data. Such messages do not count as delivered, so the other figures cover only a part.',
    advice:
      'Look at how the library encodes, relays and decodes payloads and sources, and let no other program use this Lighthouse.'
  }))

const unknown = ({ state, summary }: Facts) =>
  found(state.state === 'finished' ? summary.integrity.unknown : 0, (count) => ({
    what: `${counted(count, 'message')} arrived that ${count === 1 ? 'its sender' : 'their senders'} did not send, by their own account.`,
    why: 'The messages count as delivered although nobody owed them, which can hide a loss.',
    advice:
      'Does sendMessage reject and send nevertheless, or do peers of another test use this Lighthouse? Start a fresh one.'
  }))

function withoutPackets({ peers }: Facts): Finding | undefined {
  const unseen = peers.filter(({ received, packetsReceived }) => received > 0 && packetsReceived === 0)
  return findingOn(unseen, (named) => ({
    what: `Messages reached ${named} without a single packet on the data channels.`,
    why: 'The build makes connections that the suite cannot see, so traffic and connection times are unknown, not 0.',
    advice: 'Does the build ignore the option wrtc and use the browser’s own WebRTC?'
  }))
}

/** Peers that change between several groups owe by the group in which they end, so the count is no proof. */
function moreThanOwed({ state, summary, peers, peakPeers, unreadable }: Facts): Finding | undefined {
  const isExact =
    state.state === 'finished' &&
    peers.every(({ done }) => done) &&
    unreadable.length === 0 &&
    meantGroups(peakPeers) === 1
  const kinds = MESSAGE_KINDS.filter((kind) => (summary.delivery[kind] ?? 0) > 1)
  if (!isExact || kinds.length === 0) return undefined
  return {
    what: `More messages arrived than were owed: ${kinds.map((kind) => `${formatMetric(summary.delivery[kind], 'ratio')} of ${kind}`).join(', ')}.`,
    why: 'Delivery above 100% hides losses: no figure of this test can be compared.',
    advice: 'Compare what each peer heard (`heard` in its results) with what the others sent.'
  }
}

function decodingAdvice(thrown: string | null): string {
  return thrown !== null
    ? `The build threw "${thrown.split('\n')[0]!}": mend that first.`
    : `The library throws the packets away: npx peer-perf simulate --peer-config '{"logLevel":"WARN"}' prints what it logs. Is long wired into its protobufjs, and do all peers speak one protocol version?`
}
