import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ResultsDocument } from '../../protocol/results-document'
import type { FakeOptions } from '../testing/fake-options'
import { reasonsOf } from '../testing/reasons'
import { VALIDITY } from './limits'
import { RULES } from './rules'

describe('A reason counts as the machine’s only if no build could cause it', () => {
  const causesOf = (options: FakeOptions, spoil?: (document: ResultsDocument) => void) =>
    reasonsOf(options, spoil).map(({ rule, cause }) => `${rule}: ${cause}`)

  test('a CPU that other processes took, but not one that the browser filled', () => {
    assert.deepEqual(causesOf({ cpuUsage: 0.95 }), ['cpu: build-or-machine'])
    const others = causesOf({ cpuUsage: 0.95 }, ({ runnerSamples }) => {
      for (const { cpu } of runnerSamples) cpu.browser /= 2
    })
    assert.deepEqual(others, ['cpu: machine'])
    const unread = causesOf({ cpuUsage: 0.95 }, ({ runnerSamples }) => {
      for (const { cpu, memory } of runnerSamples) cpu.browser = memory.browser = 0
    })
    assert.deepEqual(unread, ['cpu: build-or-machine'])
  })

  test('a test that ended within its warm-up, but not one in which nobody sent', () => {
    assert.deepEqual(causesOf({ duration: 3, warmup: 5 }), ['nothing-measured: machine'])
    const silent = { position: 0, profile: 0, chat: 0 }
    assert.deepEqual(causesOf({ rates: silent }), ['nothing-measured: build-or-machine'])
  })

  test('a test that was never started, but not one whose peers did not all become ready', () => {
    const never = (ready: number) =>
      causesOf({ expectedPeers: 3 }, (document) => {
        delete document.startsAt
        document.peers.ready = ready
      })
    assert.deepEqual(never(3), ['no-data: machine'])
    assert.deepEqual(never(2), ['no-data: build-or-machine'])
  })
})

test('docs/validity.md explains each rule with its cause, in order, and each constant', () => {
  const documentation = readFileSync(join(__dirname, '../../docs/validity.md'), 'utf8')
  const headings = [...documentation.matchAll(/^### `(.*)`\n\n.*\n\nCause: `([\w-]+)`/gm)].map(
    ([, name, cause]) => [name, cause]
  )
  assert.deepEqual(
    headings,
    RULES.map(({ name, cause }) => [name, cause])
  )
  const constants = [...documentation.matchAll(/^\| `(\w+)` +\| +([\d.]+) +\|/gm)].map(([, name, value]) => [
    name,
    Number(value)
  ])
  assert.deepEqual(constants, Object.entries(VALIDITY))
})
