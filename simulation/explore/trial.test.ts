import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commandOf, drawTrial } from './trial'

describe('the command that repeats a trial', () => {
  const rows: [library: string, inShell: string][] = [
    ['layers@0.2.17', 'layers@0.2.17'],
    ['layers?maxConnections=3&x=4', "'layers?maxConnections=3&x=4'"],
    ['file:../my peer', "'file:../my peer'"]
  ]
  for (const [library, inShell] of rows)
    it(`gives a shell ${library} as one word`, () =>
      assert.ok(commandOf(drawTrial(7, 40), library).includes(` --library ${inShell} --seed `)))
})
