/* eslint-disable @typescript-eslint/no-require-imports, no-restricted-globals --
   the bundler resolves it, and only the generation that is asked for is evaluated */
import type { Generation } from '../../protocol/names'
import type * as Islands from './islands'
import type * as Layers from './layers'
import type { PeerLibrary } from './peer-library'

/** Maps the value of the page's `library` parameter to its adapter. */
export const PEER_LIBRARIES: Readonly<Record<Generation, PeerLibrary>> = {
  get layers() {
    return (require('./layers') as typeof Layers).layers
  },
  get islands() {
    return (require('./islands') as typeof Islands).islands
  }
}
