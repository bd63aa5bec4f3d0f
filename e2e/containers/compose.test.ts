/** Tests with peers in several containers: what they measure, and what happens when parts of them die. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ResultsDocument } from '../../protocol/results-document'
import { docker, run } from './docker'
import { Lab } from './lab'
import { unexpectedReasons } from './load'

describe('a test in containers', () => {
  let lab: Lab

  before(async () => {
    lab = await Lab.start('lab-e2e')
  })
  after(() => lab.stop())

  it('runs 3 × 3 peers as one mesh', async () => {
    const test = { id: 'mesh', clients: 3, peersEach: 3, duration: 14 }
    const { code, output } = await lab.runTest(test)
    assert.equal(code, 0, output)
    assert.deepEqual(await lab.exitCodes('client'), [0, 0, 0], output)
    const results = await lab.results(test.id, 30_000)
    const { summary } = results
    assert.ok(summary)
    console.log(
      `3 × 3 peers: delivery ${percent(summary.delivery.all)}, ${summary.mesh.components} component, ` +
        `start skew ${summary.startSkew} ms, latency p50 ${summary.latency.all?.p50} ms`
    )
    assert.equal(summary.peers.done, 9)
    assert.ok(summary.sent.position > 500, `${summary.sent.position} position messages sent`)
    assertDelivered(results)
    assert.equal(summary.mesh.components, 1)
    assert.ok((summary.startSkew ?? Infinity) < 50, `start skew ${summary.startSkew} ms`)
    assert.ok(crossesContainers(results), 'no message went from one container to another')
    assert.deepEqual(unexpectedReasons(summary.reasons), [])
    const validity = await lab.validity(test)
    assert.equal(validity.code, summary.verdict === 'valid' ? 0 : 3, validity.output)
  })

  it('ends in time without a client that was killed, void, and names it', async () => {
    const test = { id: 'killed', clients: 3, peersEach: 2, duration: 16 }
    const clientsEnd = lab.runTest(test)
    await lab.untilMeasured(test.id, 6)
    const [victim] = await lab.containers('client')
    const lost = (await docker('inspect', '--format', '{{.Config.Hostname}}', victim!)).trim()
    await docker('kill', victim!)
    await clientsEnd
    const results = await lab.results(test.id, 60_000)
    assert.equal(results.summary?.verdict, 'void')
    const { id } = results.runners.find((runner) => runner.lost) ?? {}
    assert.ok(id?.startsWith(lost), `${id} is not the runner of ${lost}`)
    const reason = results.summary.reasons.find(({ subject }) => subject === id)
    assert.ok(reason, JSON.stringify(results.summary.reasons))
    console.log(`Killed: ${reason.what}`)
    assert.equal(Object.keys(results.peerResults).length, 4)
    assert.equal(new Set(results.dataPoints.map(({ peerId }) => peerId)).size, 6)
  })

  it('loses nothing when the results server is killed and started again', async () => {
    const test = { id: 'restarted', clients: 2, peersEach: 2, duration: 20 }
    const clientsEnd = lab.runTest(test)
    await lab.untilMeasured(test.id, 6)
    const [server] = await lab.containers('results-server')
    await docker('kill', server!)
    await docker('start', server!)
    const { code, output } = await clientsEnd
    assert.equal(code, 0, output)
    await lab.reconnect()
    const results = await lab.results(test.id, 60_000)
    assert.equal(Object.keys(results.peerResults).length, 4, output)
    assert.deepEqual(gaps(results), [])
    assertDelivered(results)
    console.log(
      `Restarted: ${results.summary?.verdict}, ${results.summary?.reasons.map(({ rule }) => rule).join(', ')}`
    )
    assert.deepEqual(unexpectedReasons(results.summary?.reasons), [])
  })

  it('submits what it has on docker stop', async () => {
    const test = { id: 'stopped', clients: 1, peersEach: 2, duration: 120 }
    const clientsEnd = lab.runTest(test)
    await lab.untilMeasured(test.id, 2)
    const [client] = await lab.containers('client')
    await run('docker', ['stop', '--time', '30', client!])
    await clientsEnd
    assert.deepEqual(await lab.exitCodes('client'), [1])
    const results = await lab.results(test.id, 60_000)
    assert.equal(Object.keys(results.peerResults).length, 2)
  })
})

const percent = (share: number | null) => `${(100 * (share ?? 0)).toFixed(2)}%`

function crossesContainers({ peerResults }: ResultsDocument): boolean {
  return Object.values(peerResults).every(({ runnerId, heard }) => {
    const others = Object.keys(heard).filter((sender) => peerResults[sender]?.runnerId !== runnerId)
    return others.length > 0
  })
}

/** Browsers that get too little of the CPU lose a little, in a result that is void and says why. */
function assertDelivered({ summary }: ResultsDocument): void {
  const delivered = summary?.delivery.all ?? 0
  const reasons = summary?.reasons.map(({ what }) => what).join('; ')
  const wanted = summary?.verdict === 'valid' ? 0.99 : 0.95
  assert.ok(delivered >= wanted, `delivery ${percent(delivered)}, ${summary?.verdict}: ${reasons}`)
}

/** Peers whose data points have a gap in their sequence numbers. */
function gaps({ dataPoints }: ResultsDocument): string[] {
  const sequences = new Map<string, number[]>()
  for (const { peerId, sequence } of dataPoints) {
    sequences.set(peerId, [...(sequences.get(peerId) ?? []), sequence])
  }
  return [...sequences]
    .filter(([, numbers]) => Math.max(...numbers) - Math.min(...numbers) + 1 !== numbers.length)
    .map(([peerId, numbers]) => `${peerId}: ${numbers.join(' ')}`)
}
