import { islands } from './islands'
import { layers } from './layers'
import type { PeerLibrary } from './peer-library'

/** The value of the page's `library` parameter → the adapter. */
export const PEER_LIBRARIES: { layers: PeerLibrary; islands: PeerLibrary } = { layers, islands }
export type LibraryName = keyof typeof PEER_LIBRARIES
