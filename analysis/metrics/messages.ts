/** Delivery: what was sent, owed, received and received again, per kind of message. */
import { MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { Summary } from '../../protocol/summary'
import { decodeAscending } from '../../protocol/varints'
import { ratio } from '../distribution'
import { overlap, PresenceTimeline, type Presence } from '../presence'

export interface KindCounts {
  sent: number
  received: number
  duplicates: number
  /** When each was sent, as accounts encode it, from `timesOrigin`; absent where only their number is known. */
  sentTimes?: string
}

/** One peer's part in the exchange of messages. */
export interface Participant {
  id: string
  /** Peers owe each other messages within a room only. */
  room: string
  presence: Presence
  timesOrigin: number
  kinds: Record<MessageKind, KindCounts>
}

export type MessageMetrics = Pick<
  Summary,
  'sent' | 'sendRate' | 'expected' | 'received' | 'delivery' | 'duplicates' | 'duplicateRatio'
>

interface Totals {
  sent: number
  expected: number
  received: number
  duplicates: number
  /** Seconds that the peers which sent any of this kind were present. */
  senderSeconds: number
}

/**
 * Exact: each message is owed to every other peer of the room that was present at the time it was sent. Where only the number of
 * a sender's messages is known, they are taken to be spread evenly over its presence.
 * @param onUnreadable told the sender whose list of times cannot be decoded; they are then taken as spread evenly
 */
export function messageMetrics(
  participants: readonly Participant[],
  from: number,
  until: number,
  onUnreadable: (id: string) => void
): MessageMetrics {
  const rooms = timelines(participants)
  const totals = { position: noMessages(), profile: noMessages(), chat: noMessages(), all: noMessages() }
  for (const participant of participants) {
    const seconds = overlap(participant.presence, from, until) / 1000
    const timeline = rooms.get(participant.room)!
    let sentAny = false
    for (const kind of MESSAGE_KINDS) {
      const counts = participant.kinds[kind]
      const expected = counts.sent === 0 ? 0 : owed(participant, counts, timeline, from, until, onUnreadable)
      for (const total of [totals[kind], totals.all]) {
        total.sent += counts.sent
        total.received += counts.received
        total.duplicates += counts.duplicates
        total.expected += expected
      }
      if (counts.sent > 0) totals[kind].senderSeconds += seconds
      sentAny ||= counts.sent > 0
    }
    if (sentAny) totals.all.senderSeconds += seconds
  }
  return metricsOf(totals)
}

function timelines(participants: readonly Participant[]): Map<string, PresenceTimeline> {
  const presences = new Map<string, Presence[]>()
  for (const { room, presence } of participants) {
    const members = presences.get(room)
    if (members) members.push(presence)
    else presences.set(room, [presence])
  }
  return new Map([...presences].map(([room, members]) => [room, new PresenceTimeline(members)]))
}

/** Arrivals that the others owe for a sender's messages: Σ over its messages of the other peers present. */
function owed(
  { id, presence, timesOrigin }: Participant,
  { sent, sentTimes }: KindCounts,
  timeline: PresenceTimeline,
  from: number,
  until: number,
  onUnreadable: (id: string) => void
): number {
  const constant = timeline.constantIn(from, until)
  if (constant !== undefined) return sent * (constant - (presence.joined <= from ? 1 : 0))
  const evenly = () => sent * Math.max(0, timeline.meanIn(presence.joined, presence.left) - 1)
  if (sentTimes === undefined) return evenly()
  try {
    let expected = 0
    for (const time of decodeAscending(sentTimes, timesOrigin)) {
      const isPresent = presence.joined <= time && time <= presence.left
      expected += timeline.countAt(time) - (isPresent ? 1 : 0)
    }
    return expected
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    onUnreadable(id)
    return evenly()
  }
}

function metricsOf(totals: Record<MessageKind | 'all', Totals>): MessageMetrics {
  const perKind = <T>(value: (total: Totals) => T) => ({
    position: value(totals.position),
    profile: value(totals.profile),
    chat: value(totals.chat),
    all: value(totals.all)
  })
  return {
    sent: perKind(({ sent }) => sent),
    sendRate: perKind(({ sent, senderSeconds }) => ratio(sent, senderSeconds)),
    expected: perKind(({ expected }) => expected),
    received: perKind(({ received }) => received),
    delivery: perKind(({ received, expected }) => ratio(received, expected)),
    duplicates: perKind(({ duplicates }) => duplicates),
    duplicateRatio: perKind(({ duplicates, received }) => ratio(duplicates, received))
  }
}

function noMessages(): Totals {
  return { sent: 0, expected: 0, received: 0, duplicates: 0, senderSeconds: 0 }
}
