import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseNetwork } from '../options/network/parse'
import { playScript } from './network-script'

describe('a network’s script', () => {
  it('switches the tabs of each part in order of time, and reports it', async () => {
    const moved: string[] = []
    const told: string[] = []
    const tabs = [0, 1, 1].map((part, tab) => ({
      part,
      setLink: (step: { text: string }) => Promise.resolve(void moved.push(`${tab} ${step.text}`))
    }))
    const network = parseNetwork('home:1,30ms:offline,50ms:4g,3g:2,40ms:offline')
    await playScript(network, tabs, 1000, {
      now: () => 1000,
      signal: new AbortController().signal,
      tell: (line) => told.push(line)
    })
    assert.deepEqual(moved, ['0 offline', '1 offline', '2 offline', '0 4g'])
    assert.deepEqual(told, [
      'Network after 0.03 s: offline (part 1 of 2)',
      'Network after 0.04 s: offline (part 2 of 2)',
      'Network after 0.05 s: 4g (part 1 of 2)'
    ])
  })

  it('ends when the run does', async () => {
    const over = new AbortController()
    const playing = playScript(parseNetwork('home,1000s:offline'), [], 0, {
      now: () => 0,
      signal: over.signal,
      tell: () => undefined
    })
    over.abort()
    await playing
  })
})
