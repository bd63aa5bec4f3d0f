import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseFault } from '../fault-text'
import { commandOf, drawTrial, QUIET_S } from './trial'

describe('a trial', () => {
  it('is drawn from its number, leaves time to heal, and is one command', () => {
    const trials = Array.from({ length: 200 }, (_, number) => drawTrial(number, 40))
    assert.deepEqual(trials[7], drawTrial(7, 40))
    for (const trial of trials) {
      assert.ok(trial.peers >= 2 && trial.peers <= 40)
      const command = commandOf(trial, 'layers')
      for (const fault of trial.faults) {
        assert.ok((fault.kind === 'death' ? fault.at : fault.until) <= trial.duration - QUIET_S)
        assert.ok(command.includes('--fault '))
      }
      for (const [, text] of command.matchAll(/--fault (\S+)/g)) assert.doesNotThrow(() => parseFault(text!))
    }
  })
})

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
