/** Detects `npm start --peers 4`: npm keeps flags before `--` for itself, and the command sees only "4". */
import type { Command, Option, OptionValues } from 'commander'

/** The flags of this process. Ends it with one line if npm has swallowed some. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in commander's opts()
export function flagsOf<Flags extends OptionValues>(command: Command): Flags {
  const line = swallowedFlags(command.options, process.argv.slice(2), process.env)
  if (line !== undefined) command.error(line)
  return command.parse().opts<Flags>()
}

/** The corrected command line; undefined if npm has swallowed nothing. */
export function swallowedFlags(
  options: readonly Option[],
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>
): string | undefined {
  const script = env.npm_lifecycle_event
  if (script === undefined) return undefined
  const swallowed = options.flatMap((option) => {
    const name = option.negate ? option.name().slice('no-'.length) : option.name()
    const value = env[`npm_config_${name.replaceAll('-', '_')}`]
    // npm sets a variable for each flag it took: its value after "=", otherwise "true", and nothing for
    // --no-….
    return value === undefined || (value === '') !== option.negate ? [] : [{ option, value }]
  })
  // npm has a --force itself: on its own it proves nothing.
  if (swallowed.every(({ option }) => option.long === '--force')) return undefined

  const values = [...args]
  const lacking = swallowed.filter(({ option, value }) => option.required && value === 'true')
  const flags = swallowed.map(({ option, value }) => {
    if (!option.required) return option.long!
    if (value !== 'true') return `${option.long!}=${value}`
    // npm does not say which of several values belongs to which flag.
    return lacking.length === 1 && values.length > 0
      ? `${option.long!} ${values.shift()!}`
      : `${option.long!} …`
  })
  const rest = lacking.length > 1 ? [] : values
  const start = script === 'start' ? 'npm start' : `npm run ${script}`
  return `npm needs "--" before the command's own flags: ${[start, '--', ...rest, ...flags].join(' ')}`
}
