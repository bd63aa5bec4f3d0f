/** Turns the table of options into flags of a command. */
import { Option, type Command } from 'commander'
import type { Surface } from './declaration'
import { optionsAt, type OptionName, type SurfaceOption, type SurfaceValues } from './surface'
import { flagOf } from './flags'

type CommandSurface = Exclude<Surface, 'page' | 'runner'>

/**
 * Adds the flags of a surface, in the table's order. `defaults` are this command's own, for options that the
 * table leaves without one.
 */
export function addOptions<S extends CommandSurface>(
  command: Command,
  surface: S,
  defaults: Partial<SurfaceValues<S>> = {}
): void {
  for (const option of optionsAt(surface)) {
    const fallback = (defaults as Partial<Record<OptionName, unknown>>)[option.key] ?? option.default
    const flag = new Option(`--${option.name} <${option.kind.placeholder}>`, helpOf(option)).argParser(
      flagOf(option.kind)
    )
    if (fallback === undefined) flag.makeOptionMandatory(option.required ?? false)
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
  const entries = optionsAt(surface).map(({ key, name }) => [
    key,
    flags[new Option(`--${name}`).attributeName()]
  ])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as SurfaceValues<S>
}

function helpOf({ help, absent }: SurfaceOption): string {
  return absent === undefined ? help : `${help} (default: ${absent})`
}
