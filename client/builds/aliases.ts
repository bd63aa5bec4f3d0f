/** Short names of published builds. */
const PACKAGES = { layers: 'decentraland-katalyst-peer', islands: '@dcl/catalyst-peer' } as const

/**
 * Expands `layers@0.2.17` to decentraland-katalyst-peer@0.2.17 and `islands@1.0.4` to
 * @dcl/catalyst-peer@1.0.4; leaves everything else unchanged.
 */
export function expandAlias(text: string): string {
  const [, name, version] = /^(layers|islands)@(.+)$/.exec(text) ?? []
  return name === undefined ? text : `${PACKAGES[name as keyof typeof PACKAGES]}@${version!}`
}
