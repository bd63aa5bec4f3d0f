import type { Generation } from '../../../protocol/names'
import type { Library } from '../../../protocol/peer-results'

type Provenance = Pick<Library, 'integrity' | 'dependencies'>

/**
 * npm's hashes of the bundled builds and the versions of what they depend on, defined by
 * client/bundle/bundle.ts; absent if another bundler was used.
 */
declare const PEER_LIBRARY_PROVENANCE: Record<Generation, Provenance> | undefined

export function libraryProvenance(generation: Generation): Provenance {
  return typeof PEER_LIBRARY_PROVENANCE === 'undefined' ? {} : PEER_LIBRARY_PROVENANCE[generation]
}
