import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runBundle } from './sandbox'

describe('a bundle', () => {
  const code = `"use strict";
let calls = 0
const exported = { call: () => ++calls, clock: () => now() } // a comment
return exported`
  interface Exported {
    call: () => number
    clock: () => number
  }

  it('shares no variable with another run of the same text, and has globals of its own', () => {
    const [one, other] = [1, 2].map((time) => runBundle(code, 'b.js', { now: () => time }) as Exported)
    one!.call()
    assert.deepEqual([one!.call(), other!.call()], [2, 1])
    assert.deepEqual([one!.clock(), other!.clock()], [1, 2])
  })

  it('is called by its name in errors', () => {
    for (const name of ['first.js', 'second.js'])
      assert.throws(
        () => runBundle('throw new Error("x")', name, {}),
        (error: Error) => error.stack!.includes(`${name}:1`)
      )
  })
})
