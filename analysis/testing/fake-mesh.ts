/**
 * A fake mesh whose loss, delay, duplication, partition, clocks and presence are known exactly. It produces
 * the data that real peers would submit, and the truth alongside it, to test everything that reads results.
 */
import type { DataPoint } from '../../protocol/data-point'
import { MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument } from '../../protocol/results-document'
import { seededRandom } from '../statistics/random'
import { summarize } from '../summary/summarize'
import { DEFAULTS, START, type FakeOptions, type FullOptions } from './fake-options'
import { FakePeer } from './fake-peer'
import { fakeSamples, fakeTestState } from './fake-state'

/** What really happened to the messages sent in the measured time. */
export interface Truth {
  sent: number
  /** Σ over sent messages of the other peers present. */
  expected: number
  /** The same over all messages that the routines owed, sent or not. */
  owed: number
  received: number
  duplicates: number
  /** Delays of first arrivals, in ms of true time. */
  delays: number[]
  /** The same, measured from the due times. */
  delaysFromDue: number[]
}

export interface FakeMesh {
  document: ResultsDocument
  truth: Record<MessageKind, Truth>
}

/** The results document of a whole test, with a summary if the test is finished. */
export function fakeDocument(options: FakeOptions = {}): ResultsDocument {
  const { document } = fakeMesh(options)
  return document.state === 'finished' ? { ...document, summary: summarize(document) } : document
}

/** A results document without a summary, and the truth. */
export function fakeMesh(given: FakeOptions = {}): FakeMesh {
  const options: FullOptions = { ...DEFAULTS, ...given }
  const peers = Array.from({ length: options.peers }, (_, number) => new FakePeer(number, options))
  const truth = { position: nothing(), profile: nothing(), chat: nothing() }
  for (const kind of MESSAGE_KINDS) exchange(kind, peers, options, truth[kind])
  return { document: documentOf(peers, options), truth }
}

/** Sends all messages of a kind and delivers them, with evenly spread losses and duplicates. */
function exchange(kind: MessageKind, peers: readonly FakePeer[], options: FullOptions, truth: Truth): void {
  const random = seededRandom(options.seed * 31 + MESSAGE_KINDS.indexOf(kind))
  // The first numbers of small seeds are small, so skip them.
  for (let i = 0; i < 8; i++) random.uniform()
  const delayOf = delays(options.delay, () => random.uniform())
  const lost = everyShare(options.loss)
  const repeated = everyShare(options.duplication)
  const measuredFrom = START + options.warmup * 1000
  for (const sender of peers) {
    const { sent, skipped } = sender.schedule(options.rates[kind], random.uniform())
    for (const time of skipped) {
      const counts = time >= measuredFrom
      sender.skip(kind, time, counts)
      if (counts) truth.owed += peers.filter((peer) => peer !== sender && peer.isPresent(time)).length
    }
    for (const time of sent) {
      const counts = time >= measuredFrom
      sender.send(kind, time, counts)
      if (counts) truth.sent++
      for (const receiver of peers) {
        if (receiver === sender || !receiver.isPresent(time)) continue
        if (counts) truth.expected++
        if (counts) truth.owed++
        if (receiver.part !== sender.part || (counts && lost())) continue
        const delay = delayOf()
        const duplicates = counts ? repeated() : 0
        receiver.receive(kind, sender, time, delay, duplicates, counts)
        if (!counts) continue
        truth.received++
        truth.duplicates += duplicates
        truth.delays.push(delay)
        truth.delaysFromDue.push(delay + options.sendLateness(sender.number, time - START))
      }
    }
  }
}

function documentOf(peers: readonly FakePeer[], options: FullOptions): ResultsDocument {
  const finished = options.state === 'finished'
  const allResults =
    finished && !options.olderClients
      ? peers
          .filter(({ diesAt }) => diesAt === undefined)
          .map((peer): [string, PeerResults] => [peer.id, peer.finalResults()])
      : []
  const dataPoints = peers
    .flatMap((peer): DataPoint[] => peer.dataPoints(peers))
    .sort((a, b) => a.timestamp - b.timestamp)
  return {
    ...fakeTestState(options, allResults.length, dataPoints.length),
    peerResults: Object.fromEntries(allResults),
    runnerSamples: options.olderClients ? [] : fakeSamples(options),
    topologies: [],
    dataPoints
  }
}

function delays(delay: FakeOptions['delay'], uniform: () => number): () => number {
  if (typeof delay === 'number') return () => delay
  return delay ?? (() => 20 - 10 * Math.log(uniform()))
}

/** A counter whose results add up to ⌊n × share⌋ after n calls: each is 0 or 1 if the share is below 1. */
function everyShare(share: number): () => number {
  let calls = 0
  let given = 0
  return () => {
    calls++
    // Shares such as 0.1 have no exact binary representation: n × share may fall just short of an integer.
    const due = Math.floor(calls * share + 1e-9) - given
    given += due
    return due
  }
}

function nothing(): Truth {
  return { sent: 0, expected: 0, owed: 0, received: 0, duplicates: 0, delays: [], delaysFromDue: [] }
}
