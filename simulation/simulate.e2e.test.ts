import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { resultsDocumentSchema } from '../protocol/results-document'
import { buildsTable } from '../analysis/summary/summary-text'
import { suiteCommit as ownCommit } from '../cli/suite-commit'
import { PLACES, plant } from '../libraries/testing/planted-build'
import { planOf, type Builds, type PlanChoices } from './plan'
import { simulateAll } from './pool'
import { prepare } from './prepare'
import { simulate, type Outcome } from './simulate'
import { bundlePrograms } from './world/bundles'

let prepared: Builds
before(async () => {
  prepared = await prepare('layers', () => undefined)
})

const SHORT = { peers: 5, seed: 11, duration: 6, warmup: 2 }

function planWith(choices: Partial<PlanChoices> = {}) {
  return planOf({ builds: prepared, ...SHORT, ...choices })
}

async function run(choices: Partial<PlanChoices> = {}): Promise<Outcome> {
  return simulate(planWith(choices), await bundlePrograms())
}

/** Without choices, simulated once. */
let usual: Promise<Outcome> | undefined
const usualRun = () => (usual ??= run())

describe('a simulated test', () => {
  it('has a results document like a real one, marked as simulated', async () => {
    const { document, failures, errors } = await usualRun()
    assert.deepEqual([failures, errors], [[], []])
    assert.equal(resultsDocumentSchema.safeParse(document).error, undefined)
    const { summary } = document
    assert.equal(document.engine, 'simulation')
    const { engine, suiteCommit } = summary!.provenance
    assert.deepEqual({ engine, suiteCommit }, { engine: 'simulation', suiteCommit: ownCommit() })
    assert.deepEqual([summary!.verdict, summary!.delivery.all], ['valid', 1])
    assert.equal(summary!.peers.done, 5)
    assert.equal(summary!.machine.cpuUsageMax, null)
  })

  it('repeats byte for byte in this process and in others, first or later, on a lossy network with churn', async () => {
    const choices = {
      duration: 8,
      network: 'wifi-lossy:3,4g:1,4s:offline,5s:4g',
      routine: 'loops:3,churn:2',
      peersPerPage: 3
    }
    const plan = planWith(choices)
    const before = planWith({ seed: 12, duration: 2 })
    const [first, , last] = await simulateAll([plan, before, plan], { threads: 1 })
    const own = await run(choices)
    for (const other of [first!, last!]) {
      assert.equal(JSON.stringify(other.document), JSON.stringify(own.document))
      assert.equal(other.packetLog, own.packetLog)
    }
    assert.ok(own.packets > 1000)
  })

  it('fails if it cannot tell whose connections a build opens', async () => {
    const [build] = prepared
    // Valid JSON, but not as the simulation reads it.
    const plant = `const { send } = WebSocket.prototype
      WebSocket.prototype.send = function (text) { send.call(this, text.replace('"sdp":"', '"sdp": "')) }`
    const { failures } = await run({ builds: [{ ...build, code: `${plant};${build.code}` }] })
    assert.equal(failures.length, 1)
    assert.match(failures[0]!, /^No peer of the test is known to own connection \d+: send "sdp"/)
  })

  for (const [what, thrown, failure] of [
    ['an error', 'null.oops', /^Cannot read .*'oops'\), thrown by new Peer \(.*layers.js:\d+:\d+\)$/],
    ['a text, whose place is unknown', 'throw "oops"', /^oops$/]
  ] as const)
    it(`names the place at which a build throws while it connects: ${what}`, async () => {
      const [build] = prepared
      const code = plant(build.code, { name: 'throws', replace: [[PLACES.create, `${thrown};`]] })
      const { failures } = await run({ builds: [{ ...build, code }] })
      assert.match(failures[0]!, failure)
    })

  it('differs with the seed', async () => {
    const [one, two] = [await usualRun(), await run({ seed: 12 })]
    assert.notEqual(one.packetLog, two.packetLog)
    assert.ok(!isDeepStrictEqual(one.document.dataPoints, two.document.dataPoints))
  })

  it('hands faithful positions over in copies if the mesh is not full, and deduplicated ones once', async () => {
    const duplicatesWith = async (messageTypes: 'faithful' | 'deduplicated') => {
      const peerConfig = { targetConnections: 2, maxConnections: 3 }
      const { summary } = (await run({ messageTypes, peerConfig, peers: 6 })).document
      assert.equal(summary!.duplicateRatio.chat, 0)
      return summary!.duplicateRatio.position!
    }
    assert.ok((await duplicatesWith('faithful')) > 0.05)
    assert.equal(await duplicatesWith('deduplicated'), 0)
  })

  it('delays messages like the network', async () => {
    const { document } = await run({ network: 'delay=40ms', mesh: 'full' })
    const p50 = document.summary!.latency.position!.p50!
    assert.ok(p50 > 41 && p50 < 42, `${p50}`)
  })

  it('gives the Lighthouse the peer’s half of the line if signalling is delayed', async () => {
    const network = 'delay=80ms:3,delay=20ms:2'
    const [direct, delayed] = [await run({ network }), await run({ network, signalling: 'delayed' })]
    assert.ok(delayed.virtualMs > direct.virtualMs + 300, `${direct.virtualMs} and ${delayed.virtualMs}`)
    assert.equal(delayed.document.summary!.delivery.all, 1)
    const shown = [direct, delayed].map(({ document }) => document.summary!.provenance.network)
    assert.deepEqual(shown, [network, `${network}, signalling delayed`])
  })

  it('names what else changes its figures: how many peers share a page, and how often they report', async () => {
    const [usual, apart] = [await usualRun(), await run({ peersPerPage: 2, statsSubmitInterval: 500 })]
    assert.notEqual(apart.packetLog, usual.packetLog)
    const shown = [usual, apart].map(({ document }) => document.summary!.provenance.network)
    assert.deepEqual(shown, ['perfect', 'perfect, stats-submit-interval 500, 2 peers in a page'])
  })

  it('shows silent links in an outage, and round trips, but no loss that it does not model', async () => {
    const { document } = await run({ network: 'home,3s:offline,8s:home', duration: 12 })
    const { silentMax, roundTrip, packetLoss, datagrams } = document.summary!.links
    assert.equal(silentMax, document.summary!.provenance.edges.length)
    assert.ok(roundTrip!.p50 >= 40 && roundTrip!.p50 < 43, `${roundTrip!.p50}`)
    assert.deepEqual([packetLoss, datagrams], [null, null])
    assert.equal((await usualRun()).document.summary!.links.silentMax, 0)
  })

  it('shows overload if packets cost time', async () => {
    const { document } = await run({ costOfPacket: 6, peers: 8 })
    assert.ok(document.summary!.latency.position!.p50! > 50, `${document.summary!.latency.position!.p50}`)
  })

  it('mixes builds of several versions, each on its own page', async () => {
    const [build] = prepared
    const builds: PlanChoices['builds'] = [
      { ...build, weight: 3 },
      { ...build, text: 'other', weight: 2 }
    ]
    const { document } = await run({ builds })
    assert.equal(document.summary!.delivery.all, 1)
    assert.equal(buildsTable(document), undefined)
    const first = Object.values(document.peerResults).find(({ number }) => number === 0)
    first!.library.integrity = 'sha512-abcdefgh12345678'
    assert.match(buildsTable(document)!, /@0\.2\.20 \(abcdefgh\) +1 .*\n.*@0\.2\.20 \(\S{8}\) +4 /)
    // Whoever submits its results first.
    const reversed = Object.fromEntries(Object.entries(document.peerResults).reverse())
    assert.equal(buildsTable({ peerResults: reversed }), buildsTable(document))
  })
})

describe('a fault', () => {
  it('is named in results beside network and costs, however many there are', async () => {
    const cut = { kind: 'partition', at: 3, until: 4, peers: 2 } as const
    const { document } = await run({ costOfPacket: 0.01, faults: Array<typeof cut>(60).fill(cut) })
    assert.match(
      document.summary!.provenance.network!,
      /^perfect, 0\.01 ms a packet, 0 ms a timer(, partition@3s-4s:2){60}$/
    )
    assert.equal(resultsDocumentSchema.safeParse(document).error, undefined)
  })

  it('of the Lighthouse ends: the peers come back', async () => {
    const { document, failures } = await run({
      duration: 24,
      faults: [{ kind: 'lighthouse', at: 5, until: 10 }]
    })
    assert.deepEqual(failures, [])
    const { delivery, mesh } = document.summary!
    assert.ok(delivery.all! < 0.98, `${delivery.all}`)
    assert.equal(mesh.components, 1)
  })

  it('of the network delays what was sent, and heals', async () => {
    const { document } = await run({
      duration: 16,
      faults: [{ kind: 'partition', at: 6, until: 9, peers: 2 }]
    })
    const { latency, mesh } = document.summary!
    assert.ok(latency.all!.max > 2000, `${latency.all!.max}`)
    assert.equal(mesh.components, 1)
  })

  it('of a peer leaves the others connected, and the test valid', async () => {
    // The others notice after 15 s.
    const { document } = await run({ duration: 24, faults: [{ kind: 'death', at: 4, peer: 1 }] })
    const { mesh, delivery, reasons } = document.summary!
    assert.deepEqual([mesh.components, delivery.all, reasons], [1, 1, []])
  })

  it('of a peer keeps it away from the Lighthouse, too', async () => {
    const faults: PlanChoices['faults'] = [{ kind: 'death', at: 4, peer: 1 }]
    const { document, errors, failures } = await run({ duration: 16, warmup: 5, peersPerPage: 1, faults })
    assert.deepEqual([errors, failures], [[], []])
    const messagesOf = (peer: number) =>
      Object.values(document.peerResults).find(({ number }) => number === peer)!.page!.lighthouse.messages
    assert.ok(messagesOf(0) > 0)
    assert.equal(messagesOf(1), 0)
  })
})
