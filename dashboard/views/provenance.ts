import type { Summary } from '../../protocol/summary'

/** E.g. "decentraland-katalyst-peer 0.2.20"; several names if a test mixed builds. */
export function libraryNames({ provenance }: Summary): string {
  return provenance.libraries.map(({ name, version }) => `${name} ${version}`).join(', ')
}
