/** Unsigned LEB128 integers in base64: few characters for small numbers, alike in Node and browsers. */
import { attempt } from './attempt'

/** Encodes whole numbers from 0 to 2^53 − 1. Throws RangeError on any other. */
export function encodeVarints(values: Iterable<number>): string {
  const bytes: number[] = []
  for (let value of values) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Not an unsigned integer: ${value}`)
    while (value >= 0x80) {
      bytes.push((value % 0x80) | 0x80)
      value = Math.floor(value / 0x80)
    }
    bytes.push(value)
  }
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.slice(i, i + 0x2000))
  return btoa(binary)
}

/** Throws RangeError if the text is not base64, or ends in the middle of a number. */
export function decodeVarints(text: string): number[] {
  // One character per byte. Reading it in place is ten times as fast as converting it to a Uint8Array.
  const bytes = attempt(() => atob(text))
  if (bytes === undefined) throw new RangeError('Not base64')
  const values: number[] = []
  let value = 0
  let scale = 1
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i)
    value += (byte & 0x7f) * scale
    // Endless zeros make it NaN.
    if (!(value <= Number.MAX_SAFE_INTEGER)) throw new RangeError('A number exceeds 2^53 − 1')
    if (byte & 0x80) {
      scale *= 0x80
    } else {
      values.push(value)
      value = 0
      scale = 1
    }
  }
  if (scale !== 1) throw new RangeError('The last number is cut off')
  return values
}

/** Encodes ascending instants, rounded down, as differences; the first counts from `origin`. */
export function encodeAscending(values: readonly number[], origin: number): string {
  const whole = [origin, ...values].map((value) => Math.floor(value))
  return encodeVarints(values.map((_, index) => whole[index + 1]! - whole[index]!))
}

export function decodeAscending(text: string, origin: number): number[] {
  let previous = Math.floor(origin)
  return decodeVarints(text).map((difference) => (previous += difference))
}
