/** The entries of getStats(): of each type that Chromium reports, with what is known in virtual time. */

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

export interface Stats {
  id: string
  type: StatsType
  [member: string]: unknown
}

/** `timestamp`: ms since 1970. */
export function reportOf(timestamp: number, entries: readonly Stats[]): Map<string, object> {
  return new Map(
    entries.map((entry) => {
      const prototype = STATS[`getStats() ${entry.type}`]
      return [entry.id, Object.assign(Object.create(prototype) as object, { timestamp }, entry)]
    })
  )
}
