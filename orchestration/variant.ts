/** What is compared: a build and its options, as `name@version?option=value&…`. */
import { UserError } from '../cli/user-error'
import { parseLibrary } from '../libraries/specification'
import type { Behaviour, VariantOptions } from '../cli/behaviour'
import { BEHAVIOUR, OPTIONS } from '../cli/table'

export interface Variant {
  /** As the user typed it. */
  text: string
  /** In the format that chooseLibrary accepts. */
  library: string
  /** What its peers do, but for the routine. */
  behaviour: CommonOptions & VariantOptions
}

export const VARIANT_HELP =
  `${OPTIONS.peerLibrary.help}; options after a "?": messageTypes=deduplicated, mesh=full, and any of the library's own, ` +
  'e.g. "decentraland-katalyst-peer@0.2.20?maxConnections=3&mesh=full"'

/** The suite's own options, from the options table. All others belong to the library. */
const OWN_OPTIONS = Object.entries(BEHAVIOUR).flatMap(([key, declared]) =>
  'variant' in declared ? [[key as keyof VariantOptions, declared] as const] : []
)

export const textsOf = (variants: readonly Variant[]) => variants.map(({ text }) => text)

/** Facts from likeness.ts that differ on purpose between the variants. */
export function declaredDifferences(variants: readonly Variant[]): string[] {
  const differ = (of: (variant: Variant) => string) => new Set(variants.map(of)).size > 1
  return [
    ...(differ(({ behaviour }) => behaviour.messageTypes) ? ['message types'] : []),
    ...(differ(({ behaviour }) => behaviour.network) ? ['network'] : [])
  ]
}

/** Options of all variants, unless a variant overrides them. */
export type CommonOptions = Partial<Omit<Behaviour, 'routine'>>

/** Throws UserError. */
export function parseVariant(text: string, common: CommonOptions = {}): Variant {
  const { library, options } = partsOf(text)
  parseLibrary(library)
  const own = ownOptionsOf(text, common)
  const libraryOptions = [...options].filter(([name]) => !OWN_OPTIONS.some(([key]) => key === name))
  if (libraryOptions.some(([name]) => name === ''))
    throw new UserError(`"${text}" has an option without a name`)
  const peerConfig = {
    ...common.peerConfig,
    ...Object.fromEntries(libraryOptions.map(([name, value]) => [name, valueOf(value)]))
  }
  const hasConfig = Object.keys(peerConfig).length > 0
  return { text, library, behaviour: { ...common, ...own, peerConfig: hasConfig ? peerConfig : undefined } }
}

/** The suite's own options of a variant whose build may not be known yet. Throws UserError. */
export function ownOptionsOf(text: string, common: CommonOptions = {}): VariantOptions {
  const { options } = partsOf(text)
  const own = OWN_OPTIONS.map(([key, { kind, default: fallback }]) => {
    const given = options.get(key)
    try {
      return [key, given === null ? (common[key] ?? fallback) : kind.parse(given)]
    } catch (error) {
      throw new UserError(`"${text}": ${key} ${(error as Error).message}, not "${given}"`)
    }
  })
  return Object.fromEntries(own) as VariantOptions
}

function partsOf(text: string): { library: string; options: URLSearchParams } {
  const [library, query] = text.split(/\?(.*)/s, 2) as [string, string?]
  return { library, options: new URLSearchParams(query) }
}

/** Parsed as JSON if it is valid JSON (numbers, true, objects), otherwise the text itself. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
