/** Names and numbers that pages need as values. Without zod, which would enlarge every bundle. */

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

export const MESSAGE_KINDS = ['position', 'profile', 'chat'] as const
/** ms after which a message was held back: no line of the network profiles takes that long over two hops. */
export const LATE_MS = 2000
export type MessageKind = (typeof MESSAGE_KINDS)[number]

export function forEachKind<T>(make: (kind: MessageKind) => T): Record<MessageKind, T> {
  return { position: make('position'), profile: make('profile'), chat: make('chat') }
}

/** The same with `all`, for what is known of all kinds together. */
export function forAllKinds<T>(make: (kind: MessageKind | 'all') => T): Record<MessageKind | 'all', T> {
  return { ...forEachKind(make), all: make('all') }
}

/** Generations of the peer library: which Lighthouse protocol a build speaks. */
export const GENERATIONS = ['layers', 'islands'] as const
export type Generation = (typeof GENERATIONS)[number]

/** `deduplicated`: as if the library recognised copies of its unreliable messages. */
export const MESSAGE_TYPES = ['faithful', 'deduplicated'] as const
export type MessageTypes = (typeof MESSAGE_TYPES)[number]

/** `usual`: the library chooses its connections. `full`: all of them, to isolate the library's own cost. */
export const MESHES = ['usual', 'full'] as const
export type Mesh = (typeof MESHES)[number]

/** What peer ids are made of: seed and number alone, or the test's id as well. */
export const PEER_IDS = ['seed', 'test'] as const
export type PeerIds = (typeof PEER_IDS)[number]

/** What a peer can do, in one line each; `client/routines` has the code. */
export const ROUTINES = {
  stand: 'stands at its place; sends position 10/s, profile 1/s, chat every 10 s',
  loops: 'walks loops around its place; sends as stand does',
  'random-walk': 'walks from one random place to the next; sends as stand does',
  gather: 'walks to one spot with all others, and apart again, every 30 s; sends as stand does',
  teleport: 'jumps to a random place up to 62 m away every 5 to 15 s; sends as stand does',
  churn: 'leaves after 10 to 30 s and comes back as a new peer 2 to 6 s later; sends as stand does',
  listen: 'only receives; reports its position every 30 s, because the mesh forgets silent peers',
  'chat-storm': 'stands at its place and sends chat 10/s, beside position 10/s and profile 1/s'
} as const
export type RoutineName = keyof typeof ROUTINES

/** What runs a test: real browsers, or virtual time (docs/simulation.md). */
export const ENGINES = ['browser', 'simulation'] as const
export type Engine = (typeof ENGINES)[number]

/** Incremented whenever a field of the summary changes its meaning. Different versions are not compared. */
export const SUMMARY_VERSION = 1

/** Incremented whenever a field of `comparison.json` changes its meaning. */
export const COMPARISON_VERSION = 3 as const
