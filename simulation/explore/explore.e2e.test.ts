import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseFault } from '../fault-text'
import type { Builds } from '../plan'
import { prepare } from '../prepare'
import { plantRelayFault } from '../testing/planted-relay'
import { explore } from './explore'
import { formatViolation } from './invariants'
import { shrink } from './shrink'
import { commandOf, drawTrial, QUIET_S, type Trial } from './trial'

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

describe('shrinking', () => {
  it('finds the smallest case of a fault that shows only above 30 peers', async () => {
    const trial: Trial = {
      seed: 1,
      peers: 97,
      duration: 65,
      routine: 'loops:3,churn:1',
      messageTypes: 'deduplicated',
      network: 'wifi-lossy',
      faults: [parseFault('death@20s:3'), parseFault('partition@6s-9s:40')]
    }
    let runs = 0
    const least = await shrink(
      trial,
      (smaller) => {
        runs += smaller.length
        return Promise.resolve(smaller.map(({ peers }) => peers > 30))
      },
      100
    )
    assert.deepEqual(least, {
      ...trial,
      peers: 31,
      routine: 'stand',
      network: 'perfect',
      faults: [],
      duration: 10
    })
    assert.ok(runs < 60, `${runs}`)
  })

  it('keeps the fault that is needed, and stops when its budget is spent', async () => {
    const trial: Trial = {
      ...drawTrial(1, 10),
      peers: 9,
      faults: [parseFault('lighthouse@5s-9s'), parseFault('death@6s:8')]
    }
    const needsLighthouse = (smaller: readonly Trial[]) =>
      Promise.resolve(smaller.map(({ faults }) => faults.some(({ kind }) => kind === 'lighthouse')))
    const least = await shrink(trial, needsLighthouse, 100)
    assert.deepEqual([least.peers, least.faults], [2, [parseFault('lighthouse@5s-9s')]])
    assert.equal(await shrink(trial, needsLighthouse, 0), trial)
  })
})

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
