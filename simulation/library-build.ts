/** A build of the peer library, ready to simulate. It can be sent to another process. */
import type { ChosenLibrary } from '../client/builds/library'

export interface LibraryBuild extends Pick<ChosenLibrary, 'library' | 'options' | 'integrity'> {
  /** As the user entered it. */
  text: string
  /** The page's bundle: see world/bundles.ts. */
  code: string
  /** The browser that runs it: see world/realm.ts. */
  browser: string
  /** In a mesh of several builds: number of peers of this build in each cycle. */
  weight: number
}
