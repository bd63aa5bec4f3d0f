/** npm's hashes of the bundled builds, which client/build.ts defines; absent where another bundler was used. */
declare const PEER_LIBRARY_INTEGRITY: { layers?: string; islands?: string } | undefined

export function libraryIntegrity(generation: 'layers' | 'islands'): { integrity?: string } {
  const integrity =
    typeof PEER_LIBRARY_INTEGRITY === 'undefined' ? undefined : PEER_LIBRARY_INTEGRITY[generation]
  return integrity === undefined ? {} : { integrity }
}
