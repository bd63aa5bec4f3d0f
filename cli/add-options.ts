/** Turns the table of options into flags of a command. */
import { Option, type Command } from 'commander'
import type { Surface } from './declaration'
import { optionsAt, type OptionName, type SurfaceValues } from './surface'
import { flagOf } from './flags'

type CommandSurface = Exclude<Surface, 'page' | 'runner'>

/** `defaults` are this command's own, for options that the table leaves without one. */
export function addOptions<S extends CommandSurface>(
  command: Command,
  surface: S,
  defaults: Partial<SurfaceValues<S>> = {}
): void {
  for (const option of optionsAt(surface)) {
    const fallback = (defaults as Partial<Record<OptionName, unknown>>)[option.key] ?? option.default
    const { name, kind, help, absent } = option
    const described = absent === undefined ? help : `${help} (default: ${absent})`
    const flag = new Option(`--${name} <${kind.placeholder}>`, described).argParser(flagOf(kind))
    if (fallback === undefined) flag.makeOptionMandatory(option.required ?? false)
    else flag.default(fallback, kind.format(fallback))
    if (option.env !== undefined) flag.env(option.env)
    command.addOption(flag)
  }
}

export function optionValues<S extends CommandSurface>(flags: Readonly<Record<string, unknown>>, surface: S) {
  const entries = optionsAt(surface).map(({ key, name }) => [
    key,
    flags[new Option(`--${name}`).attributeName()]
  ])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as SurfaceValues<S>
}
