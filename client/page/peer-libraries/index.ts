import { islands } from './islands'
import { layers } from './layers'
import type { PeerLibrary } from './peer-library'

/** Maps the value of the page's `library` parameter to its adapter. */
export const PEER_LIBRARIES: { layers: PeerLibrary; islands: PeerLibrary } = { layers, islands }
export type LibraryName = keyof typeof PEER_LIBRARIES
