import { MESSAGE_KINDS } from '../../protocol/names'
import { counted, formatMetric } from '../format'
import { meantGroups } from '../mesh/mesh-timeline'
import type { Facts, Finding, Rule } from './facts'
import { findingOn } from './wording'

/** Can the figures be true at all? */
export const FIGURE_RULES: readonly Rule[] = [
  {
    name: 'impossible-figures',
    cause: 'build-or-machine',
    check: (facts) =>
      [echoes, altered, unknown, withoutPackets, moreThanOwed].flatMap((find) => find(facts) ?? [])
  }
]

function echoes({ summary }: Facts): Finding | undefined {
  const count = summary.integrity.echoes ?? 0
  if (count === 0) return undefined
  return {
    what: `The library handed ${counted(count, 'message')} to the peer that had sent ${count === 1 ? 'it' : 'them'}.`,
    why: 'An application would take its own message for one of another user. Echoes do not count as delivered.',
    advice: 'Look where the library calls back for a packet whose source is the peer itself.'
  }
}

function altered({ summary }: Facts): Finding | undefined {
  const count = summary.integrity.altered ?? 0
  if (count === 0) return undefined
  return {
    what: `${counted(count, 'message')} arrived with other content than was sent, by its checksum.`,
    why: 'An application would get wrong data. Such messages do not count as delivered, so the other figures cover only a part.',
    advice:
      'Look at how the library encodes, relays and decodes payloads and sources, and let no other program use this Lighthouse.'
  }
}

function unknown({ state, summary }: Facts): Finding | undefined {
  const count = state.state === 'finished' ? (summary.integrity.unknown ?? 0) : 0
  if (count === 0) return undefined
  return {
    what: `${counted(count, 'message')} arrived that ${count === 1 ? 'its sender' : 'their senders'} did not send, by their own account.`,
    why: 'The messages count as delivered although nobody owed them, which can hide a loss.',
    advice:
      'Does sendMessage reject and send nevertheless, or do peers of another test use this Lighthouse? Start a fresh one.'
  }
}

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
