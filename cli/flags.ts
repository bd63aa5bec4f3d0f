/** Parsers for flags' values. Each throws InvalidArgumentError, which commander shows in one line. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { findMetric } from '../analysis/metrics-catalog'
import { parseThreshold, ThresholdError } from '../analysis/thresholds'
import { nothingMeasured } from '../protocol/limits'
import * as kinds from './kinds'
import { parseNetwork } from './network/parse'
import { UserError } from './user-error'

export function flagOf<T>(kind: kinds.Kind<T>): (text: string) => T {
  return (text) => {
    try {
      return kind.parse(text)
    } catch (error) {
      throw new InvalidArgumentError(`It ${(error as Error).message}.`)
    }
  }
}

export const number = (from: number, to: number) => flagOf(kinds.number(from, to))
export const whole = (from: number, to: number) => flagOf(kinds.whole(from, to))
/** A test's or comparison's id. */
export const id = flagOf(kinds.id)
export const httpUrl = flagOf(kinds.httpUrl)

/** Those on the command line, not from variables or defaults. */
export const typedOptions = (program: Command) =>
  program.options.filter((option) => program.getOptionValueSource(option.attributeName()) === 'cli')

/** Throws UserError if the warm-up leaves nothing, or the network's script would begin after the end. */
export function refuseUnmeasured(test: { duration: number; warmup: number; network: string }): void {
  const { duration, warmup, network } = test
  const trouble = nothingMeasured(duration, warmup)
  if (trouble !== undefined) throw new UserError(`--duration ${trouble}`)
  if (parseNetwork(network).parts.some(({ steps: [, change] }) => change && change.at >= duration * 1000))
    throw new UserError(
      `--duration ${duration} ends before ${network} changes: use a longer one, or another --network`
    )
}

/** "3%" or "0.03". */
export function share(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const value = Number(digits) / (percent === '%' ? 100 : 1)
  if (digits === undefined || value > 1)
    throw new InvalidArgumentError('It must be a share such as 3% or 0.03.')
  return value
}

export function metric(text: string): string {
  if (!findMetric(text))
    throw new InvalidArgumentError('It must be a metric of docs/metrics.md, such as latency.position.p95.')
  return text
}

export function thresholdFlag(): Option {
  const what = "what the result must reach, e.g. 'delivery.position>=0.99' (repeatable)"
  return new Option('--threshold <expression>', what).argParser(threshold).default([], 'none')
}

function threshold(text: string, previous: string[]): string[] {
  try {
    parseThreshold(text)
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error
    throw new InvalidArgumentError(`${error.message}\n${error.pointer}`)
  }
  return [...previous, text]
}

export function listOf<T>(one: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const parts = text.split(',').map((part) => part.trim())
    return parts.filter((part) => part !== '').map((part) => one(part))
  }
}

export const list = listOf((text) => text)

/** A flag that a variable sets, too: its default, and the parser of its value or the choices for it. */
type ServiceFlag = [
  flag: string,
  help: string,
  variable: string,
  fallback?: unknown,
  values?: string[] | ((text: string) => unknown)
]

export function addFlags(command: Command, flags: readonly ServiceFlag[]): Command {
  for (const [name, help, variable, fallback, values] of flags) {
    const option = new Option(name, help).env(variable).default(fallback)
    if (Array.isArray(values)) option.choices(values)
    else if (values) option.argParser(values)
    command.addOption(option)
  }
  return command
}
