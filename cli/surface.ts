/** The table of options as seen by one surface. */
import type { Declaration, Place, Surface, ValuesAt } from './declaration'
import { OPTIONS } from './table'

export type OptionName = keyof typeof OPTIONS
export type SurfaceValues<S extends Surface> = ValuesAt<typeof OPTIONS, S>

export interface SurfaceOption
  extends Omit<Declaration<unknown>, 'at' | 'absent'>, Pick<Place<unknown>, 'env' | 'required'> {
  key: OptionName
  /** `MESSAGE_TYPES` for a runner, `messageTypes` for a page, `message-types` for a command. */
  name: string
  /** What happens without the option, if it has no default. */
  absent: string | undefined
}

export function optionsAt(surface: Surface): SurfaceOption[] {
  return (Object.entries(OPTIONS) as [OptionName, Declaration<unknown>][]).flatMap(([key, declared]) => {
    const place = declared.at[surface]
    if (!place) return []
    return {
      ...declared,
      ...place,
      key,
      name: place.name ?? spell(key, surface),
      default: place.absent === undefined ? (place.default ?? declared.default) : undefined,
      absent: place.absent ?? (place.default === undefined ? declared.absent : undefined)
    }
  })
}

/** `messageTypes` → `message-types`. */
export const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function spell(key: string, surface: Surface): string {
  if (surface === 'page') return key
  return surface === 'runner' ? kebab(key).replaceAll('-', '_').toUpperCase() : kebab(key)
}

/** Reads all options of a surface from text; an empty one counts as unset. `values` lacks the invalid. */
export function readTexts<S extends Surface>(
  surface: S,
  textOf: (option: SurfaceOption) => string | null | undefined
) {
  const values: Partial<Record<OptionName, unknown>> = {}
  /** Their messages complete the sentence "NAME …". */
  const faults: { name: string; message: string }[] = []
  for (const option of optionsAt(surface)) {
    const text = textOf(option) ?? ''
    if (text === '') {
      if (option.required) faults.push({ name: option.name, message: `is missing: ${option.help}` })
      else if (option.default !== undefined) values[option.key] = option.default
      continue
    }
    try {
      values[option.key] = option.kind.parse(text)
    } catch (error) {
      const given = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
      faults.push({ name: option.name, message: `${(error as Error).message}, not ${given}` })
    }
  }
  return { values: values as SurfaceValues<S>, faults }
}

/** The texts that set these values on a surface, by the surface's own names; none for undefined values. */
export function textsFor<S extends Surface>(surface: S, values: Partial<SurfaceValues<S>>) {
  const texts: Record<string, string> = {}
  for (const { key, name, kind } of optionsAt(surface)) {
    const value = (values as Partial<Record<OptionName, unknown>>)[key]
    if (value !== undefined) texts[name] = kind.format(value)
  }
  return texts
}

export const defaultsAt = <S extends Surface>(surface: S): SurfaceValues<S> =>
  readTexts(surface, () => undefined).values
