/** What is compared: a build of the peer library with its options, written like an address: `name@version?option=value&…`. */
import { UserError } from '../../runner/user-error'
import { LIBRARY_HELP, parseLibrary } from '../libraries/specification'

export interface Variant {
  /** As the user wrote it. */
  text: string
  /** As chooseLibrary takes it. */
  library: string
  messageTypes: 'faithful' | 'deduplicated'
  mesh: 'usual' | 'full'
  /** The library's own options. */
  peerConfig: Record<string, unknown>
}

export const VARIANT_HELP =
  `${LIBRARY_HELP}; options after a "?": messageTypes=deduplicated, mesh=full, and any of the library's own, ` +
  'e.g. "decentraland-katalyst-peer@0.2.20?maxConnections=3&mesh=full"'

/** The suite's own options; all others are the library's. */
const OWN_OPTIONS = { messageTypes: ['faithful', 'deduplicated'], mesh: ['usual', 'full'] } as const

/** Facts of likeness.ts that two variants make differ on purpose. */
export function declaredDifferences(variants: readonly Variant[]): string[] {
  return new Set(variants.map(({ messageTypes }) => messageTypes)).size > 1 ? ['message types'] : []
}

/** Options of all variants, where they do not say otherwise. */
export type CommonOptions = Partial<Pick<Variant, 'messageTypes' | 'mesh' | 'peerConfig'>>

/** Throws UserError. */
export function parseVariant(text: string, common: CommonOptions = {}): Variant {
  const [library, query = ''] = text.split(/\?(.*)/s, 2) as [string, string?]
  parseLibrary(library)
  const options = new URLSearchParams(query)
  const own = <Name extends keyof typeof OWN_OPTIONS>(name: Name): (typeof OWN_OPTIONS)[Name][number] => {
    const values: readonly (typeof OWN_OPTIONS)[Name][number][] = OWN_OPTIONS[name]
    const given = options.get(name) ?? common[name] ?? values[0]!
    const value = values.find((each) => each === given)
    if (value === undefined)
      throw new UserError(`"${text}": ${name} must be ${values.join(' or ')}, not "${given}"`)
    return value
  }
  const libraryOptions = [...options].filter(([name]) => !(name in OWN_OPTIONS))
  if (libraryOptions.some(([name]) => name === ''))
    throw new UserError(`"${text}" has an option without a name`)
  return {
    text,
    library,
    messageTypes: own('messageTypes'),
    mesh: own('mesh'),
    peerConfig: {
      ...common.peerConfig,
      ...Object.fromEntries(libraryOptions.map(([name, value]) => [name, valueOf(value)]))
    }
  }
}

/** JSON where it is JSON (numbers, true, objects), else the text itself. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
