/**
 * `peer-perf.json`: what a team has agreed on, in place of the flags of `peer-perf compare`, by their names:
 * `{ "baseline": "merge-base", "peers": 12, "profiles": { "quick": { "engine": "simulation" } } }`.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { Command, Option } from 'commander'
import { typedOptions } from '../cli/flags'
import { UserError } from '../cli/user-error'
import { nearest } from '../protocol/nearest'
import { idleOn } from '../deploy/runners/engine'
import { FOR_BROWSERS } from './comparison-flags'

const FILE = 'peer-perf.json'

/** Profiles that exist without a file. Its own of the same name come on top. */
const PROFILES: Readonly<Record<string, Settings>> = {
  quick: { engine: 'simulation', duration: 5, warmup: 1 },
  full: { engine: 'browser' }
}

export const CONFIG_HELP = `file with agreed values of these flags, which win over it (default: ${FILE} if it is here)`
export const PROFILE_HELP =
  'values for an occasion: quick (counted in virtual time, in a minute or two), full, or one of the file'

/** What each call says for itself. */
const ALWAYS = ['config', 'profile', 'id', 'from', 'to', 'force', 'json', 'format']
const PER_CALL = [...ALWAYS, 'resume', 'oneNetwork']
/** All that existing results leave to say. */
const JUDGING = ['gate', 'detect', 'metric', 'secondary', 'margin']
const OF_STORED = [...ALWAYS, ...JUDGING, 'allowUndecided', 'resultsServerUrl']

type Value = string | number | boolean | readonly (string | number)[]
type Settings = Readonly<Record<string, Value>>
type Setting = readonly [key: string, value: Value]

/** The whole command line: what the file says and the flags do not, then the flags. Throws UserError. */
export function withConfiguration(program: Command, argv: readonly string[]): string[] {
  const { config, profile, resume, from, to } = program.opts<Record<string, string | undefined>>()
  const typed = typedOptions(program)
  const isStored = from !== undefined || to !== undefined
  const idle = isStored && typed.find((option) => !OF_STORED.includes(nameOf(option)))
  if (idle) throw new UserError(`${idle.long!} is for new runs: leave it out, or --from and --to`)
  if (resume !== undefined) return [...argv]
  const settings = Object.entries(read(program, config, profile)).filter((setting) => !isNone(setting))
  const values = program.opts<Record<string, Value>>()
  const given = typed.map((option): Setting => [nameOf(option), values[option.attributeName()]!])
  const open = besides(program, settings, given).filter(([key]) => !isStored || JUDGING.includes(key))
  return [...open.flatMap(([key, value]) => flagsOf(optionOf(program, key), value)), ...argv]
}

/** The settings that none of the others, which win, gives, excludes or contradicts. */
function besides(program: Command, settings: readonly Setting[], others: readonly Setting[]): Setting[] {
  return settings.filter((setting) =>
    others.every((other) => {
      const [own, its] = [optionOf(program, setting[0]), optionOf(program, other[0])]
      return own !== its && !exclude(own, its) && !yieldsTo(setting, other)
    })
  )
}

const conflictsOf = (option: Option) => (option as unknown as { conflictsWith: string[] }).conflictsWith
const exclude = (one: Option, other: Option) =>
  conflictsOf(one).includes(other.attributeName()) || conflictsOf(other).includes(one.attributeName())

/** If typed, these are refused in virtual time. */
const REFUSED = ['turn=only', ...FOR_BROWSERS]
const ONLY_IN_BROWSERS = ['on', 'address', 'image', 'cpus', ...REFUSED]
/** Faults happen only in virtual time. */
const CONTRADICTIONS: Readonly<Record<string, readonly string[]>> = {
  'engine=simulation': ONLY_IN_BROWSERS,
  fault: ['engine=browser', ...ONLY_IN_BROWSERS]
}

const spellingsOf = ([key, value]: Setting) => [key, `${key}=${String(value)}`]
const isOf = (names: readonly string[], setting: Setting) =>
  spellingsOf(setting).some((name) => names.includes(name))
const contradicts = (one: Setting, other: Setting) =>
  spellingsOf(one).some((name) => isOf(CONTRADICTIONS[name] ?? [], other))

/** Not the other way round: no server moves the peers off a cluster, and no design out of virtual time. */
const yieldsTo = (one: Setting, other: Setting) =>
  (contradicts(one, other) && !isOf(REFUSED, other)) ||
  contradicts(other, one) ||
  (other[0] === 'on' && idleOn(String(other[1])).some((key) => key === one[0]))

/** What a profile says replaces what it excludes, too. */
function replaced(program: Command, settings: Settings, by: Settings): Settings {
  const chosen = Object.entries(by).filter((setting) => !isNone(setting))
  return { ...Object.fromEntries(besides(program, Object.entries(settings), chosen)), ...by }
}

/** No networks or faults, where others have a list of them. */
const isNone = ([key, value]: Setting) => ['networks', 'fault'].includes(key) && [value].flat().length === 0

const optionOf = ({ options }: Command, name: string) => options.find((option) => nameOf(option) === name)!

/** Its name in the file. */
const nameOf = (option: Option) => (option.long === '--weather' ? 'networks' : option.attributeName())
/** How a list is written as flags. */
const LISTS: Readonly<Record<string, 'joined' | 'repeated' | undefined>> = {
  networks: 'joined',
  secondary: 'joined',
  fault: 'repeated'
}

const configurable = ({ options }: Command) =>
  options.filter((option) => !PER_CALL.includes(option.attributeName()))

function read(program: Command, config: string | undefined, profile: string | undefined): Settings {
  const file = config ?? FILE
  const { profiles = {}, ...common } = config === undefined && !existsSync(file) ? {} : parsed(file)
  const own = objectAt(file, 'profiles', profiles)
  for (const [name, settings] of Object.entries(own)) check(program, file, settings, `profiles.${name}`)
  const known = [...new Set([...Object.keys(PROFILES), ...Object.keys(own)])]
  if (profile !== undefined && !known.includes(profile))
    throw new UserError(`There is no profile "${profile}": use ${known.join(', ')}`)
  delete common.$schema
  const agreed = check(program, file, common)
  if (profile === undefined) return agreed
  const layers = [PROFILES[profile] ?? {}, (own[profile] ?? {}) as Settings]
  return layers.reduce((settings, by) => replaced(program, settings, by), agreed)
}

function parsed(file: string): Record<string, unknown> {
  try {
    return objectAt(file, '', JSON.parse(readFileSync(file, 'utf8').trim()))
  } catch (error) {
    if (error instanceof UserError) throw error
    if (error instanceof SyntaxError) throw new UserError(`${file} is not JSON: ${error.message}`)
    throw new UserError(`${file} cannot be read: name another with --config`)
  }
}

function objectAt(file: string, place: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new UserError(`${file}: ${place === '' ? 'it' : place} must be an object`)
}

/** Each value as the flag of its name takes it. */
function check(program: Command, file: string, values: unknown, place = ''): Settings {
  for (const [key, value] of Object.entries(objectAt(file, place, values))) {
    const where = `${file}: ${place === '' ? '' : `${place}.`}${key}`
    const option = configurable(program).find((each) => nameOf(each) === key)
    if (option === undefined) {
      const names = configurable(program).map(nameOf)
      const [similar] = nearest(key, names)
      const hint = similar === undefined ? `it is one of ${names.join(', ')}` : `is it "${similar}"?`
      throw new UserError(`${where} is not a setting: ${hint}`)
    }
    const scalars = Array.isArray(value) && LISTS[key] ? value : [value]
    const isRight = option.required
      ? scalars.every((each) => ['string', 'number'].includes(typeof each))
      : typeof value === 'boolean'
    const wanted = option.required ? `a text or a number${LISTS[key] ? ', or a list' : ''}` : 'true or false'
    if (!isRight) throw new UserError(`${where} must be ${wanted}`)
    if (option.required)
      for (const text of textsOf(option, value as Value)) {
        try {
          option.parseArg?.(text, undefined)
        } catch (error) {
          throw new UserError(`${where} is "${text}". ${(error as Error).message}`)
        }
      }
  }
  return values as Settings
}

function textsOf(option: Option, value: Value): string[] {
  const all = [value].flat().map(String)
  return LISTS[nameOf(option)] === 'repeated' ? all : [all.join(',')]
}

function flagsOf(option: Option, value: Value): string[] {
  if (option.required) return textsOf(option, value).map((text) => `${option.long!}=${text}`)
  return value === !option.negate ? [option.long!] : []
}

/** The JSON schema of the file, for editors. */
export function configurationSchema(program: Command): object {
  const properties = Object.fromEntries(
    configurable(program).map((option) => {
      const { description, argChoices, required } = option
      const one = argChoices ? { enum: argChoices } : { type: ['string', 'number'] }
      const text = LISTS[nameOf(option)] ? { anyOf: [one, { type: 'array', items: one }] } : one
      return [nameOf(option), { description, ...(required ? text : { type: 'boolean' }) }]
    })
  )
  const profile = { type: 'object', properties, additionalProperties: false }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    description: 'What a team has agreed on: the flags of peer-perf compare, which win over it',
    ...profile,
    properties: {
      $schema: { type: 'string' },
      ...properties,
      profiles: {
        description: 'settings for an occasion, chosen by --profile',
        type: 'object',
        additionalProperties: profile
      }
    }
  }
}
