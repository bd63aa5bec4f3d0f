import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Builds } from '../plan'
import { prepare } from '../prepare'
import { plantRelayFault } from '../testing/planted-relay'
import { explore } from './explore'
import { formatViolation } from './invariants'
import type { Trial } from './trial'

describe('exploring', () => {
  const trial: Trial = {
    seed: 8,
    peers: 5,
    duration: 6,
    routine: 'stand',
    messageTypes: 'deduplicated',
    network: 'perfect',
    faults: []
  }

  it('finds a build that stops relaying above 5 peers, and shrinks the mesh to 6', async () => {
    const planted = plantRelayFault(await prepare('layers', () => undefined), 5)
    const trials = [trial, { ...trial, peers: 7, routine: 'loops' }]
    const tried: string[] = []
    const { findings, messages } = await explore(trials, planted, {
      shrinkBudget: 8,
      tried: (index, broken) => tried.push(`${index}: ${broken.length > 0 ? 'broken' : 'holds'}`)
    })
    assert.deepEqual(tried.sort(), ['0: holds', '1: broken'])
    const [{ index, broken, least }, ...others] = findings as [(typeof findings)[0]]
    assert.equal(others.length, 0)
    assert.equal(index, 1)
    assert.deepEqual(
      broken.map(({ invariant }) => invariant),
      ['lost', 'deaf']
    )
    assert.ok(messages.judged > 0.5 * messages.all)
    assert.deepEqual(least, { ...trial, peers: 6 })
  })

  it('reports a build that never lets go like any other finding, unless the baseline is alike', async () => {
    const sound = await prepare('layers', () => undefined)
    const [build] = sound
    const hang =
      "if (new URLSearchParams(location.search).get('meshPeers') > 5) setTimeout(function wait() { for (;;); }, 9)"
    const hanging: Builds = [{ ...build, code: `${hang}\n${build.code}` }]
    const trials = [trial, { ...trial, peers: 7 }]
    const { findings, failed } = await explore(trials, hanging, { baseline: sound, shrinkBudget: 2 })
    assert.equal(failed, null)
    assert.deepEqual(
      findings.map(({ index, least }) => [index, least.peers]),
      [[1, 6]]
    )
    assert.match(
      findings[0]!.broken.map(formatViolation).join(),
      /^failed: Virtual time stood still for 7 s: the build is busy in wait \(layers\.js:1:\d+\)$/
    )
    const alike = await explore(trials.slice(1), hanging, { baseline: hanging, shrinkBudget: 0 })
    assert.deepEqual(alike.findings, [])
    assert.match(alike.failed ?? '', /^Virtual time stood still for 7 s: the build is busy in wait/)
  })

  it('ends without findings when it is aborted', async () => {
    const layers = await prepare('layers', () => undefined)
    const controller = new AbortController()
    const exploring = explore([trial, trial, trial], layers, {
      signal: controller.signal,
      shrinkBudget: 0,
      tried: (_, broken) => {
        assert.deepEqual(broken, [])
        controller.abort()
      }
    })
    await assert.rejects(exploring, { name: 'AbortError' })
  })
})
