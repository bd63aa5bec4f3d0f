import assert from 'node:assert/strict'
import { it } from 'node:test'
import { speedLine } from './simulate'

for (const [packets, cpu] of [
  [2000, 'CPU 0.5 s, 250.0 µs a packet'],
  // Of a peer alone, or a build that does not load.
  [0, 'CPU 0.5 s']
] as const)
  it(`says what a packet costs, if there is one: ${packets}`, () =>
    assert.equal(
      speedLine([{ duration: 4 }], [{ packets, cpuMs: 500 }], 2),
      `4 virtual s in 2.0 s: 2.00 virtual s a second; ${cpu}`
    ))
