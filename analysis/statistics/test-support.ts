import assert from 'node:assert/strict'
import fc from 'fast-check'

export function assertClose(actual: number | undefined, expected: number, tolerance = 1e-9): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual ?? 'nothing'} is not within ${tolerance} of ${expected}`
  )
}

/** Values of everyday size, some of them equal. */
export const finite = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => Number(value.toFixed(6)))
)
