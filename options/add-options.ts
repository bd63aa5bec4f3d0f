/** Turns the table of options into flags of a command. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Surface } from './declaration'
import { optionsAt, type OptionName, type SurfaceOption, type SurfaceValues } from './surface'
import { flagOf } from './flags'

type CommandSurface = Exclude<Surface, 'page' | 'runner'>

export interface FlagChoices<S extends CommandSurface> {
  /** Defaults of this command for options that the table leaves without one. */
  defaults?: Partial<SurfaceValues<S>>
  /** Further checks that only this command can make. Each throws an Error that says what is wrong. */
  checks?: Readonly<Partial<Record<OptionName, (text: string) => unknown>>>
}

/** Adds the flags of a surface, in the table's order. */
export function addOptions<S extends CommandSurface>(
  command: Command,
  surface: S,
  { defaults = {}, checks = {} }: FlagChoices<S> = {}
): void {
  for (const option of optionsAt(surface)) {
    const fallback = (defaults as Partial<Record<OptionName, unknown>>)[option.key] ?? option.default
    const flag = new Option(`--${option.name} <${option.kind.placeholder}>`, helpOf(option)).argParser(
      checked(flagOf(option.kind), checks[option.key])
    )
    if (fallback === undefined) flag.makeOptionMandatory(option.required)
    else flag.default(fallback, option.kind.format(fallback))
    if (option.env !== undefined) flag.env(option.env)
    command.addOption(flag)
  }
}

/** The values of a surface's flags, by option name. */
export function optionValues<S extends CommandSurface>(
  flags: Readonly<Record<string, unknown>>,
  surface: S
): SurfaceValues<S> {
  const entries = optionsAt(surface).map(({ key, name }) => [key, flags[camel(name)]])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as SurfaceValues<S>
}

/** The name that commander gives to the value of a flag. */
const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

function helpOf({ help, absent }: SurfaceOption): string {
  return absent === undefined ? help : `${help} (default: ${absent})`
}

function checked<T>(
  parse: (text: string) => T,
  check: ((text: string) => unknown) | undefined
): (text: string) => T {
  return (text) => {
    const value = parse(text)
    try {
      check?.(text)
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message)
    }
    return value
  }
}
