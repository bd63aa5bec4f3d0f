import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { keepCalibration } from '../../runner/calibration'
import type { Engine } from '../../deploy/runners/engine'
import { useTools } from '../../deploy/runners/testing/use-tools'
import {
  allNodes,
  arrangeOn,
  engineOf,
  placeOn,
  refuseIdleFlags,
  refuseUnfit,
  whyNotAtOnce,
  type FleetFlags,
  type FleetLoad
} from './fleet'

const LOAD: FleetLoad = {
  ...{ messageTypes: 'faithful' as const, mesh: 'usual' as const, routine: 'stand', network: 'perfect' },
  ...{ peers: 12, library: 'layers' }
}
const nodes = (...cores: number[]) => cores.map((each, index) => ({ name: `n${index + 1}`, cores: each }))

describe('a placement', () => {
  const cases: [
    says: string,
    cores: number[],
    cpus: number | undefined,
    atOnce: number,
    each: number | undefined
  ][] = [
    ['gives one runner all of its node', [2, 2], undefined, 1, undefined],
    ['gives each of two the same whole cores of the smallest node', [5, 8], undefined, 2, 2],
    ['keeps to the limit that is set', [2, 2], 0.5, 2, 0.5],
    ['may take all that the smallest has', [4, 2], 2, 1, 2]
  ]
  for (const [says, cores, cpus, atOnce, each] of cases)
    it(says, () => {
      const placement = placeOn(nodes(...cores), LOAD, { cpus, atOnce })
      const { coresEach, layout } = placement
      if (layout.obstacle === undefined) refuseUnfit(placement)
      assert.equal(coresEach, each)
      assert.equal(layout.machines.cores, each ?? Math.min(...cores))
    })

  it('refuses what does not fit, with what does', () => {
    const placement = placeOn(nodes(16, 16, 16, 16, 16), { ...LOAD, peers: 100 }, {})
    assert.throws(
      () => refuseUnfit(placement),
      /does not fit: a peer needs more than .*\nWhat fits:\n {2}--peers 100 --peers-per-tab \d+ --mesh full/
    )
  })

  it('names nothing that fits only faster nodes', (t) => {
    const { TEST_RESULTS_LOCATION } = process.env
    const folder = mkdtempSync(join(tmpdir(), 'slow-nodes-'))
    t.after(() => {
      process.env.TEST_RESULTS_LOCATION = TEST_RESULTS_LOCATION
      if (TEST_RESULTS_LOCATION === undefined) delete process.env.TEST_RESULTS_LOCATION
      rmSync(folder, { recursive: true })
    })
    process.env.TEST_RESULTS_LOCATION = folder
    const slow = { cpuModel: 'slow', cores: 2 }
    keepCalibration(folder, { ...LOAD, ...slow, peers: 4, tabs: 1, peersInOneTab: 4, at: 1 })
    const placement = placeOn([{ name: 'n1', ...slow }], LOAD, {})
    assert.throws(() => refuseUnfit(placement), /does not fit: .*\nTake more nodes or fewer peers\.$/)
  })

  it('refuses nodes without a peer', () => {
    assert.throws(() => placeOn(nodes(2, 2, 2), { ...LOAD, peers: 2 }, {}), /2 peers leave some of 3 nodes/)
    assert.equal(placeOn(nodes(2, 2), { ...LOAD, peers: 2 }, {}).nodes.length, 2)
  })

  it('refuses more cores than a node has', () =>
    assert.throws(
      () => placeOn(nodes(4, 2), LOAD, { cpus: 3 }),
      /^UserError: --cpus 3 is more than n2 has: 2 cores$/
    ))

  it('of two builds at once needs cores for both on each node', () => {
    assert.equal(whyNotAtOnce(nodes(2, 4), undefined), undefined)
    assert.match(whyNotAtOnce(nodes(4, 1), undefined)!, /n2 has 1 cores, and two runners need 1 each/)
    assert.match(whyNotAtOnce(nodes(4, 4), 3)!, /n1 has 4 cores, and two runners need 3 each/)
  })
})

it('flags without effect are refused', () => {
  for (const idle of [{ cpus: 2 }, { image: 'a' }, { address: 'a' }])
    assert.throws(() => refuseIdleFlags(idle), /add --on/)
  for (const on of ['ssh:hosts.txt', 'aws:3'])
    assert.throws(() => refuseIdleFlags({ on, image: 'a' }), /^UserError: --on \S+ does not use --image/)
  for (const on of ['compose', 'kubernetes:mine']) refuseIdleFlags({ on, image: 'a' })
  for (const flags of [{}, { on: 'ssh:hosts.txt' }]) refuseIdleFlags(flags)
})

describe('--on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'))
  after(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const refusals: [on: string, says: RegExp][] = [
    ['docker', /is not an engine: use/],
    ['ssh', /is not an engine/],
    ['aws:0', /is not an engine/],
    ['ssh:/nowhere/hosts.txt', /The file of nodes can't be read .*ENOENT/],
    [`ssh:${file('none', '# nobody\n\n')}`, /names no node/],
    [`compose:${file('twice', 'a\nb # this\na\n')}`, /names a twice/]
  ]
  for (const [on, says] of refusals)
    it(`refuses ${on.split('/').at(-1)!}`, () => assert.throws(() => engineOf({ on }), says))

  it('asks all that the file names, or the daemon in use', () => {
    const hosts = file('two', 'a\n b  # this\n')
    for (const [on, named] of [
      [`compose:${hosts}`, ['a', 'b']],
      ['compose', []],
      ['aws:3', []]
    ] as const)
      assert.deepEqual(engineOf({ on }).named, named)
  })

  for (const [there, says] of [
    [['a'], /^UserError: No answer from b: try it by ssh/],
    [[], /^UserError: No answer from a, b: /],
    [['a', 'b'], undefined]
  ] as const)
    it(`${says ? 'refuses' : 'takes'} the nodes a and b of which ${there.length} answer`, async () => {
      const named = {
        named: ['a', 'b'],
        nodes: () => Promise.resolve(there.map((name) => ({ name, cores: 2 })))
      }
      const asked = allNodes(named as unknown as Engine)
      if (says) await assert.rejects(asked, says)
      else assert.equal((await asked).length, 2)
    })

  it('refuses a cluster without a node', () =>
    assert.rejects(allNodes({ named: [], nodes: () => Promise.resolve([]) } as never), /No node is ready/))

  it('kubernetes asks for the name of an image that the cluster can pull', () => {
    assert.throws(() => engineOf({ on: 'kubernetes' }), /^UserError: --on kubernetes needs --image: /)
    assert.ok(engineOf({ on: 'kubernetes', image: 'catalyst-peer/client' }))
  })

  const url = 'http://localhost:1'
  for (const on of ['kubernetes', 'kubernetes:mine', 'aws:3'])
    for (const servers of [{ address: '10.0.0.5' }, { resultsServerUrl: url }, { lighthouseUrl: url }])
      it(`refuses ${on}, which has its own servers, with ${Object.keys(servers).join()}`, () =>
        assert.throws(
          () => engineOf({ on, ...servers }),
          /has servers of its own: leave out --(address|results-server-url|lighthouse-url)$/
        ))
})

describe('both builds of a block on a fleet', () => {
  const node = {
    metadata: { name: 'n1', labels: {} },
    spec: {},
    status: { allocatable: { cpu: '9' }, conditions: [{ type: 'Ready', status: 'True' }] }
  }
  useTools({
    docker: "#!/bin/sh\nprintf '9\\nnone'",
    kubectl: `#!/bin/sh\necho '${JSON.stringify({ items: [node] })}'`
  })
  const SHARED = { sideBySide: false, whyNotIsolated: 'both builds would share one Lighthouse' }
  const cases: [says: string, flags: FleetFlags, arrangement: object][] = [
    ['run at once with equal cores', { on: 'compose' }, { coresEach: 4, sideBySide: true, soloBlocks: 2 }],
    ['share no Lighthouse', { on: 'compose', lighthouseUrl: 'http://l' }, SHARED],
    ['share no Lighthouse of a cluster', { on: 'kubernetes', image: 'runner' }, SHARED]
  ]
  for (const [says, flags, arrangement] of cases)
    it(says, async () => {
      const { nodes: names, ...found } = await arrangeOn({ ...LOAD, ...flags, sideBySide: true }, 'layers')
      assert.equal(names?.length, 1)
      assert.deepEqual(found, { ...arrangement, peersPerTab: 6 })
    })

  it('refuse what does not fit', () =>
    assert.rejects(
      arrangeOn({ ...LOAD, on: 'compose', sideBySide: true, peers: 1000 }, 'layers'),
      /^UserError: This does not fit/
    ))
})
