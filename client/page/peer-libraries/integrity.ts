import type { Generation } from '../../../protocol/names'

/**
 * npm's hashes of the bundled builds, defined by client/build/bundle.ts; absent if another bundler was used.
 */
declare const PEER_LIBRARY_INTEGRITY: { layers?: string; islands?: string } | undefined

export function libraryIntegrity(generation: Generation): { integrity?: string } {
  const integrity =
    typeof PEER_LIBRARY_INTEGRITY === 'undefined' ? undefined : PEER_LIBRARY_INTEGRITY[generation]
  return integrity === undefined ? {} : { integrity }
}
