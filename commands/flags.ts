/** How commands read the values of their flags: each throws InvalidArgumentError, which commander shows in one line. */
import { InvalidArgumentError } from 'commander'
import { findMetric } from '../analysis/metrics-catalog'
import { parseMixture } from '../client/mixture'
import { idSchema } from '../protocol/primitives'

export function number(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+(\.\d+)?$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`It must be a number from ${from} to ${to}.`)
    return value
  }
}

export function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text))
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
    return number(from, to)(text)
  }
}

/** A test's or comparison's id. */
export function id(text: string): string {
  if (!idSchema.safeParse(text).success)
    throw new InvalidArgumentError('It must be 1 to 64 letters, digits, "_" or "-".')
  return text
}

export function routine(text: string): string {
  try {
    return parseMixture(text).text
  } catch (error) {
    throw new InvalidArgumentError(`It ${(error as Error).message}.`)
  }
}

export function httpUrl(text: string): string {
  if (!/^https?:\/\/[^/\s]+/.test(text))
    throw new InvalidArgumentError('It must be an address such as http://HOST:PORT.')
  return text
}

/** "3%" or "0.03". */
export function share(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const value = Number(digits) / (percent === '%' ? 100 : 1)
  if (digits === undefined || value > 1)
    throw new InvalidArgumentError('It must be a share such as 3% or 0.03.')
  return value
}

export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // The same answer.
  }
  throw new InvalidArgumentError('It must be a JSON object such as {"maxConnections":5}.')
}

export function metric(text: string): string {
  if (!findMetric(text))
    throw new InvalidArgumentError('It is no metric: docs/metrics.md lists them, e.g. latency.position.p95.')
  return text
}

/** Parts of a list, by commas. */
export function listOf<T>(one: (text: string) => T): (text: string) => T[] {
  return (text) =>
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => one(part.trim()))
}
