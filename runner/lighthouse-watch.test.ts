import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import type { ResultsClient } from '../protocol/api-client'
import type { Generation } from '../protocol/names'
import type { PagePhase, PageStatus } from '../protocol/page'
import type { RunnerConfiguration } from './configuration'
import { watchLighthouse } from './lighthouse-watch'
import type { Topology } from '../protocol/topology'
import { Watch } from './watch'

const LOOK_EVERY_MS = 3000
const TOPOLOGY = { layers: 'layers/blue/topology', islands: 'peers/topology' }

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
afterEach(() => mock.reset())

/** What a runner says after this many looks at a Lighthouse that answers so, and to `/status` the `names`. */
async function failuresAfter(
  looks: number,
  answer: () => Response,
  library: Generation = 'layers',
  names: (string | Error | undefined)[] = ['zeus'],
  phase: PagePhase = 'running',
  submitted?: unknown[]
): Promise<readonly string[]> {
  const { mock: answers } = mock.method(globalThis, 'fetch', (url: string) => {
    if (url === `http://lighthouse:9000/${TOPOLOGY[library]}`) return Promise.resolve(answer())
    assert.equal(url, 'http://lighthouse:9000/status')
    const name = names.length > 1 ? names.shift() : names[0]
    return name instanceof Error
      ? Promise.reject(name)
      : Promise.resolve(Response.json({ name, version: '1', env: {} }))
  })
  const watch = new Watch(1, () => undefined)
  watch.opened(1, 2)
  watch.report(1, { phase } as PageStatus)
  const configuration = { library, lighthouseUrl: 'http://lighthouse:9000' }
  const submitTopology = (_: string, { nodes }: Topology) => Promise.resolve(submitted?.push(nodes))
  const client = { submitTopology } as unknown as ResultsClient
  const clock = { now: () => 0 }
  const stop = watchLighthouse(
    configuration as RunnerConfiguration,
    client,
    watch,
    submitted !== undefined,
    clock
  )
  for (let look = 0; look < looks; look++) {
    mock.timers.tick(LOOK_EVERY_MS)
    await new Promise((resolve) => setImmediate(resolve))
  }
  stop()
  // Faked twice, it would not be whole again after the test.
  answers.restore()
  return watch.failures
}

describe('a Lighthouse', () => {
  const GONE = [
    'The Lighthouse http://lighthouse:9000 does not answer any more: the mesh falls apart without it'
  ]
  const cases: [what: string, looks: number, answer: () => Response, failures: string[]][] = [
    ['that answers is there', 4, () => Response.json([]), []],
    ['whose layer no peer has joined yet is there', 4, () => new Response('', { status: 404 }), []],
    ['may fail to answer once', 1, () => new Response('', { status: 502 }), []],
    ['that has broken down is gone, which is said once', 4, () => new Response('', { status: 500 }), GONE],
    ['whose proxy answers in its place is gone', 2, () => new Response('', { status: 502 }), GONE]
  ]
  for (const [what, looks, answer, failures] of cases)
    it(what, async () => assert.deepEqual(await failuresAfter(looks, answer), failures))

  it('may fail to answer once, now and then', async () => {
    let looks = 0
    assert.deepEqual(
      await failuresAfter(6, () => new Response('[]', { status: looks++ % 2 ? 200 : 502 })),
      []
    )
  })

  it('is asked for its picture of the mesh, of which one runner submits every third', async () => {
    const nodes = [{ id: 'a', group: 'blue', connectedPeers: ['b'] }]
    const answers = {
      layers: () => Response.json([{ id: 'a', connectedPeerIds: ['b'] }]),
      islands: () => Response.json({ topology: nodes })
    }
    for (const library of ['layers', 'islands'] as const) {
      const submitted: unknown[] = []
      await failuresAfter(4, answers[library], library, ['zeus'], 'running', submitted)
      assert.deepEqual(submitted, [nodes, nodes])
      await failuresAfter(4, () => Response.json([]), library, ['zeus'], 'running', submitted)
      assert.equal(submitted.length, 2)
    }
  })

  const RESTARTED = ['The Lighthouse http://lighthouse:9000 was restarted: the mesh fell apart meanwhile']
  const phases: [PagePhase, failures: string[], why: string][] = [
    ['running', RESTARTED, 'has forgotten its peers, which is said once'],
    ['connecting', [], 'is no failure yet: peers have time to join again']
  ]
  for (const [phase, failures, why] of phases)
    it(`that was restarted between two looks, peers ${phase}, ${why}`, async () => {
      const answer = () => Response.json([])
      assert.deepEqual(await failuresAfter(4, answer, 'layers', ['zeus', 'hera'], phase), failures)
    })

  it('whose status has no name, or does not come, for a while is neither restarted nor away', async () => {
    const names = ['zeus', undefined, undefined, 'zeus', new Error('busy'), new Error('busy'), 'zeus']
    assert.deepEqual(await failuresAfter(7, () => Response.json([]), 'layers', names), [])
    const restarted = ['zeus', new Error('busy'), undefined, 'hera']
    assert.deepEqual(await failuresAfter(4, () => Response.json([]), 'layers', restarted), RESTARTED)
  })

  it('that tells no topology of islands is there', async () =>
    assert.deepEqual(await failuresAfter(4, () => Response.json({ ok: true }), 'islands'), []))
})
