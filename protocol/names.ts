/** Names and numbers of the contract that pages need as values: free of zod, which would weigh on every bundle. */

/** The packet series that the peer library counts itself. */
export const LIBRARY_SERIES = [
  'sent',
  'received',
  'relayed',
  'all',
  'relevant',
  'duplicate',
  'expired'
] as const
export type LibrarySeries = (typeof LIBRARY_SERIES)[number]

/** The kinds of messages that routines send and the ledger tells apart. */
export const MESSAGE_KINDS = ['position', 'profile', 'chat'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** Raised whenever a field of the summary changes its meaning: results of unlike versions are not compared. */
export const SUMMARY_VERSION = 1
