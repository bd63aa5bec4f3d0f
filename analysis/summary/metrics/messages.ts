/** Delivery: messages sent, owed, received and duplicated, per kind. */
import { forAllKinds, MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { KindResults } from '../../../protocol/peer-results'
import { decodeAscending } from '../../../protocol/varints'
import { addTo, ratio } from '../../distribution'
import { groupBy } from '../../../protocol/group-by'
import { isPresent, overlap, PresenceTimeline, type Presence } from '../../presence'
import type { Window } from '../collect/measured-time'

export interface Participant {
  id: string
  /** Peers only owe each other messages within a room. */
  room: string
  presence: Presence
  timesOrigin: number
  /** As in final results. `sentTimes` is absent if only their number is known. */
  kinds: Record<MessageKind, KindCounts>
}

type KindCounts = Pick<KindResults, 'sent' | 'received' | 'duplicates' | 'unsent'> & { sentTimes?: string }

/**
 * Exact: each message is owed to every other peer that was present in the room when it was sent. Messages
 * whose times are not known, or `unreadable`, are assumed to be spread evenly over their sender's presence.
 */
export function messageMetrics(
  participants: readonly Participant[],
  { from, until }: Window,
  unreadable: Set<string>
) {
  const rooms = new Map<string, PresenceTimeline>()
  for (const [room, members] of groupBy(participants, (member) => member.room))
    rooms.set(room, new PresenceTimeline(members.map(({ presence }) => presence)))
  const totals = forAllKinds(() => ({
    sent: 0,
    expected: 0,
    /** Arrivals that the unsent messages would have owed. */
    unsentOwed: 0,
    received: 0,
    duplicates: 0,
    /** Total presence, in seconds, of the peers that sent any message of this kind. */
    senderSeconds: 0
  }))
  for (const participant of participants) {
    const seconds = overlap(participant.presence, from, until) / 1000
    const timeline = rooms.get(participant.room)!
    let sentAny = false
    for (const kind of MESSAGE_KINDS) {
      const counts = participant.kinds[kind]
      const expected = arrivalsOwed(participant, counts, timeline, from, until, unreadable)
      const unsentOwed = (counts.unsent ?? 0) * meanOthers(participant.presence, timeline, from, until)
      for (const total of [totals[kind], totals.all]) addTo(total, { ...counts, expected, unsentOwed })
      if (counts.sent > 0) totals[kind].senderSeconds += seconds
      sentAny ||= counts.sent > 0
    }
    if (sentAny) totals.all.senderSeconds += seconds
  }
  const perKind = <T>(value: (total: typeof totals.all) => T) => forAllKinds((kind) => value(totals[kind]))
  return {
    metrics: {
      sent: perKind(({ sent }) => sent),
      sendRate: perKind(({ sent, senderSeconds }) => ratio(sent, senderSeconds)),
      expected: perKind(({ expected }) => expected),
      received: perKind(({ received }) => received),
      delivery: perKind(({ received, expected }) => ratio(received, expected)),
      duplicates: perKind(({ duplicates }) => duplicates),
      duplicateRatio: perKind(({ duplicates, received }) => ratio(duplicates, received))
    },
    /** Arrivals owed by the routines, both for sent messages and for those that should have been sent. */
    owed: perKind(({ expected, unsentOwed }) => expected + unsentOwed)
  }
}

/** Arrivals owed for a sender's messages: for each message, the number of other peers present. */
function arrivalsOwed(
  { id, presence, timesOrigin }: Participant,
  { sent, sentTimes }: KindCounts,
  timeline: PresenceTimeline,
  from: number,
  until: number,
  unreadable: Set<string>
): number {
  const constant = timeline.constantIn(from, until)
  if (constant !== undefined) return sent * (constant - (presence.joined <= from ? 1 : 0))
  const evenly = () => sent * meanOthers(presence, timeline, presence.joined, presence.left)
  if (sentTimes === undefined) return evenly()
  try {
    let expected = 0
    for (const time of decodeAscending(sentTimes, timesOrigin)) {
      expected += timeline.countAt(time) - (isPresent(presence, time) ? 1 : 0)
    }
    return expected
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    unreadable.add(id)
    return evenly()
  }
}

function meanOthers({ joined, left }: Presence, timeline: PresenceTimeline, from: number, until: number) {
  return Math.max(0, timeline.meanIn(Math.max(joined, from), Math.min(left, until)) - 1)
}
