/** The declaration of an option, and the types of values that follow from it. */
import type { Kind } from './kinds'

/** `page`: URL parameters. `runner`: environment variables and flags. The others: flags of commands. */
export type Surface = 'page' | 'runner' | 'start' | 'campaign' | 'calibrate' | 'simulate'

interface Facts<T> {
  kind: Kind<T>
  /** One sentence, without a full stop. */
  help: string
  default?: T
  /** What happens without the option, if it has no default. */
  absent?: string
}

/** What differs on a particular surface. */
export interface Place<T> extends Partial<Omit<Facts<T>, 'kind'>> {
  /** By default the option's own name, in the surface's spelling. */
  name?: string
  /** For command flags: an environment variable that sets the option as well. */
  env?: string
  required?: true
}

export interface Declaration<T> extends Facts<T> {
  /** A page in docs/ that explains more. */
  see?: string
  /** Only read from the environment: other users of the machine can read command lines. */
  secret?: true
  /** May be set for a single build of a comparison: `layers?mesh=full`. */
  variant?: true
  at: Readonly<Partial<Record<Surface, Place<T>>>>
}

export function option<T, const D extends Omit<Declaration<T>, 'kind'>>(kind: Kind<T>, declaration: D) {
  return { ...declaration, kind }
}

type Given = { default: unknown } | { required: true }
type ValueOf<O> = O extends { kind: Kind<infer T> } ? T : never
type At<S extends Surface, P> = { at: Readonly<Record<S, P>> }
type ValueAt<O, S extends Surface> =
  O extends At<S, infer P>
    ? P extends { absent: string }
      ? ValueOf<O> | undefined
      : P extends Given
        ? ValueOf<O>
        : O extends Given
          ? ValueOf<O>
          : ValueOf<O> | undefined
    : never

/** The values of a table's options on a surface, by option name; undefined if an option is absent. */
export type ValuesAt<Table, S extends Surface> = {
  [K in keyof Table as Table[K] extends At<S, unknown> ? K : never]: ValueAt<Table[K], S>
}

/** Values of a table's options from any source. Options without a default may be absent. */
export type Values<Table> = {
  [K in keyof Table as Table[K] extends Given ? K : never]: ValueOf<Table[K]>
} & {
  [K in keyof Table as Table[K] extends Given ? never : K]?: ValueOf<Table[K]> | undefined
}

export type VariantKeys<Table> = {
  [K in keyof Table]: Table[K] extends { variant: true } ? K : never
}[keyof Table]
