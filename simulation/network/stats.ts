/** The entries of getStats(): of each type that Chromium reports, with what is known in virtual time. */
import type { SimDataChannel } from './data-channel'

/**
 * Prototypes of the entries, by name of the type: refusals.ts lets them refuse what else Chromium has. They
 * have what Chromium's lack at times.
 */
export const STATS = {
  'getStats() certificate': {},
  'getStats() candidate-pair': {},
  'getStats() data-channel': { dataChannelIdentifier: undefined },
  'getStats() local-candidate': {},
  'getStats() peer-connection': {},
  'getStats() remote-candidate': {},
  'getStats() transport': { selectedCandidatePairId: undefined }
}

type StatsType = keyof typeof STATS extends `getStats() ${infer Type}` ? Type : never

interface Stats {
  id: string
  type: StatsType
  [member: string]: unknown
}

export interface Path {
  /** This end's and the other's. */
  ports: readonly [number, number]
  /** In ms. */
  roundTrip: number
  checksHeard: number
  isConnected: boolean
}

/** `timestamp`: ms since 1970. `path`: null until it is connected, and when it is closed. */
export function reportOf(
  timestamp: number,
  channels: readonly SimDataChannel[],
  hasTransport: boolean,
  path: Path | null
): Map<string, object> {
  const entries = [
    connectionEntry(channels),
    ...channels.map(channelEntry).filter(({ state }) => state !== 'closed'),
    ...(hasTransport ? transportEntries(path !== null) : []),
    ...(path ? pathEntries(path) : [])
  ]
  return new Map(
    entries.map((entry) => {
      const prototype = STATS[`getStats() ${entry.type}`]
      return [entry.id, Object.assign(Object.create(prototype) as object, { timestamp }, entry)]
    })
  )
}

function connectionEntry(channels: readonly SimDataChannel[]): Stats {
  const opened = channels.filter(({ transport }) => transport)
  const closed = opened.filter(({ readyState }) => readyState === 'closed')
  const counts = { dataChannelsOpened: opened.length, dataChannelsClosed: closed.length }
  return { id: 'PC', type: 'peer-connection', ...counts }
}

function channelEntry(
  { id, label, protocol, readyState: state, sent, received }: SimDataChannel,
  index: number
): Stats {
  return {
    id: `D${index}`,
    type: 'data-channel',
    ...{ label, protocol, state, ...(id !== null && { dataChannelIdentifier: id }) },
    ...{ messagesSent: sent.messages, bytesSent: sent.bytes },
    ...{ messagesReceived: received.messages, bytesReceived: received.bytes }
  }
}

function transportEntries(isConnected: boolean): Stats[] {
  return [
    { id: 'T', type: 'transport', ...(isConnected && { selectedCandidatePairId: 'P' }) },
    { id: 'CL', type: 'certificate' },
    ...(isConnected ? [{ id: 'CR', type: 'certificate' } as const] : [])
  ]
}

function pathEntries({ ports, roundTrip, checksHeard, isConnected }: Path): Stats[] {
  const host = { candidateType: 'host', protocol: 'udp', transportId: 'T' }
  const candidate = (ip: string, port: number) => ({ ip, address: ip, port, ...host })
  return [
    {
      id: 'P',
      type: 'candidate-pair',
      ...{ localCandidateId: 'L', remoteCandidateId: 'R', transportId: 'T' },
      ...{ responsesReceived: checksHeard, currentRoundTripTime: roundTrip / 1000 },
      ...(isConnected && { state: 'succeeded', nominated: true, writable: true })
    },
    { id: 'L', type: 'local-candidate', isRemote: false, ...candidate('10.0.0.1', ports[0]) },
    { id: 'R', type: 'remote-candidate', isRemote: true, ...candidate('10.0.0.2', ports[1]) }
  ]
}
