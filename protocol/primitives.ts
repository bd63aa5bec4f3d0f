import { z } from 'zod'
import { ID_PATTERN, LIMITS } from './limits'

export const idSchema = z
  .string()
  .regex(ID_PATTERN, 'must be 1 to 64 letters, digits, "_" or "-"')
  .describe('1 to 64 letters, digits, "_" or "-"')

/** A whole number that none of our counters can exceed. */
export const countSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A finite number ≥ 0. Zod's numbers are always finite: NaN and ±Infinity are refused. */
export const amountSchema = z.number().min(0).max(1e15)

export const finiteSchema = z.number().min(-1e15).max(1e15)

/** Milliseconds since 1970 by the results server's clock, with fractions. */
export const instantSchema = z.number().min(0).max(1e13).describe("ms since 1970, the results server's clock")

export const textSchema = z.string().max(LIMITS.textLength)

/** A histogram of microseconds, as protocol/histogram.ts encodes it. */
export const histogramSchema = z
  .string()
  .max(LIMITS.histogramLength)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be a base64 histogram')
  .describe('HDR histogram in microseconds: base64 of (bucket delta, count) varint pairs')

export const positionSchema = z
  .tuple([finiteSchema, finiteSchema, finiteSchema])
  .describe('[x, y, z] in metres')
