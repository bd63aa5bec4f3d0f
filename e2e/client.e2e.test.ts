import type { Plugin } from 'esbuild'
import type { Page } from 'puppeteer'
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startLighthouse } from '../lighthouse/app'
import { dataPointSchema } from '../protocol/data-point'
import { peerResultsSchema, type PeerResults } from '../protocol/peer-results'
import type { ResultsDocument } from '../protocol/results-document'
import { startClientLab, type ClientLab } from './support/client-page'

const PEERS = 6
const WARMUP = 1
const DURATION = 6

describe('client page in a real browser', () => {
  let lab: ClientLab

  before(async () => {
    lab = await startClientLab()
  })
  after(async () => {
    await lab.close()
  })

  for (const library of ['layers', 'islands'] as const) {
    it(`${library}: everyone hears everyone, and nobody sends more than the routine says`, async () => {
      const { last, document } = await lab.runTest(
        library,
        { expectedPeers: PEERS, duration: DURATION, warmup: WARMUP, seed: 1 },
        { numberOfPeers: `${PEERS}`, library, statsSubmitInterval: '1000' }
      )
      assert.equal(last.phase, 'done', last.error)
      const allResults = finalResultsOf(document)
      assert.equal(allResults.length, PEERS)
      // What holds on a busy machine too. Where nothing else runs, same-mesh.alone asserts the exact rate and
      // delivery, and skewed-clocks.alone the clocks.
      const sentBy = new Map(
        Object.entries(document.peerResults).map(([id, { messages }]) => [id, messages.position.sent])
      )
      for (const { messages, heard, errors, hops, wire } of allResults) {
        assert.deepEqual(errors, [])
        // What was due in the warm-up may come as late as the latest tick.
        const seconds = DURATION - WARMUP + document.summary!.ticks.lateness!.max / 1000
        const perSecond = messages.position.sent / seconds
        assert.ok(perSecond > 0 && perSecond <= 10.5, `${perSecond} positions a second`)
        assert.equal(messages.chat.duplicates, 0)
        assert.ok(wire.received > 0 && hops!.length > 0)
        const others = Object.keys(heard)
        assert.equal(others.length, PEERS - 1)
        for (const id of others)
          assert.ok(heard[id]![0] >= 0.9 * sentBy.get(id)!, `${heard[id]![0]} positions of ${id}`)
      }
    })

    it(`${library}: data points are the contract's, one a peer for each interval`, async () => {
      const document = await lab.client.getDocument(library)
      for (const point of document.dataPoints) dataPointSchema.parse(point)
      for (const finalResults of Object.values(document.peerResults)) peerResultsSchema.parse(finalResults)
      const points = document.dataPoints.filter(({ peerId }) => peerId === document.dataPoints[0]!.peerId)
      assert.deepEqual(
        points.map(({ sequence }) => sequence),
        [...points.keys()]
      )
      // A tick that comes seconds late cuts one interval instead of several.
      const missed = points.map(({ metrics }) => Math.floor(metrics.ticks!.latenessMax / 1000))
      const most = points.length + missed.reduce((sum, each) => sum + each, 0)
      assert.ok(most >= DURATION, `${points.length} points, and ${missed.join(' + ')} missed`)
      for (const [index, { metrics }] of points.entries()) {
        const { from, until } = metrics.interval!
        if (index > 0) assert.equal(from, points[index - 1]!.metrics.interval!.until)
        assert.ok(until > from)
        assert.equal(metrics.connectedPeers!.length, metrics.connections!.open)
      }
    })
  }

  it('churn: each return is a new peer with its own final results', async () => {
    const { last, document } = await lab.runTest(
      'churn',
      { expectedPeers: 3, duration: 16, warmup: 1, seed: 290 },
      { numberOfPeers: '3', routine: 'stand:2,churn:1' }
    )
    assert.equal(last.phase, 'done', last.error)
    const returns = finalResultsOf(document).filter(({ number }) => number === 2)
    assert.ok(returns.length >= 2, `${returns.length}`)
    const [first, second] = returns.sort((a, b) => a.presence.joined - b.presence.joined)
    assert.ok(first!.presence.left <= second!.presence.joined)
    assert.ok(
      second!.messages.position.received > 0 || second!.presence.joined > second!.measured.until - 2000
    )
  })

  it('fails loudly when received packets are thrown away, because "long" is not wired in', async () => {
    const unwired: Plugin = {
      name: 'long-unwired',
      setup: (build) => {
        build.onLoad({ filter: /@protobufjs.inquire.index\.js$/ }, () => ({
          contents: 'module.exports = () => null'
        }))
        // The islands library wires it into everything loaded later.
        build.onLoad({ filter: /peer-libraries\/islands\.ts$/ }, () => ({
          contents: 'export const islands = {}'
        }))
      }
    }
    const url = await lab.serveBuild({ plugins: [unwired] })
    await lab.client.createTest('unwired', { expectedPeers: 3, duration: 15, warmup: 1, seed: 1 })
    const { ended, page } = await lab.open({ testId: 'unwired', numberOfPeers: '3' }, { url })
    const last = await ended
    const { summary } = await lab.client.finishTest('unwired')
    assert.equal(summary!.verdict, 'void')
    const rules = summary!.reasons.map(({ rule }) => rule)
    if (last.phase === 'done') {
      // A page that is overloaded, or starts late, cannot tell why it hears nothing.
      const stays = finalResultsOf(await lab.client.getDocument('unwired')).map(
        ({ presence }) => presence.left - presence.joined
      )
      const isShort = stays.length === 3 && Math.max(...stays) < 10_000
      assert.ok(isShort || rules.includes('tick-lateness'), `${rules.join()}; present for ${stays.join()} ms`)
      return
    }
    assert.match(
      last.error ?? '',
      /^DEAD RECEIVER: peer 0x\w+ is connected and got \d+ packets, but not one message .*"long"/
    )
    assert.equal(await alertOf(page), last.error)
  })

  it('waits for a Lighthouse that is unreachable at first', async () => {
    const absent = await startLighthouse({ port: 0 })
    await absent.close()
    const { page, ended } = await lab.open({
      numberOfPeers: '2',
      testDuration: '2',
      lighthouseUrl: absent.url
    })
    const firstAsk = new Promise<void>((resolve) =>
      page.on('console', (message) => {
        if (message.location().url === `${absent.url}/status`) resolve()
      })
    )
    await Promise.race([firstAsk, ended])
    const lighthouse = await startLighthouse({ port: Number(new URL(absent.url).port) })
    try {
      const last = await ended
      assert.equal(last.phase, 'done', last.error)
      assert.ok(last.messagesReceived > 0)
    } finally {
      await page.close()
      await lighthouse.close()
    }
  })

  const wrong: [string, Record<string, string>, RegExp][] = [
    ['a wrong number', { numberOfPeers: 'many' }, /^Wrong address: numberOfPeers must be a whole number/],
    [
      'a Lighthouse that is not there',
      { lighthouseUrl: 'http://localhost:9' },
      /^The Lighthouse at http:\/\/localhost:9 does not/
    ],
    [
      'a test that is not there',
      { testId: 'nowhere' },
      /^There is no test nowhere: create it by curl -X POST/
    ],
    [
      'a results server that is not there',
      { testId: 'x', statsServerUrl: 'http://localhost:9' },
      /^No results server answers/
    ]
  ]
  for (const [name, parameters, line] of wrong) {
    it(`says in one line what is wrong with ${name}`, async () => {
      const { page, ended } = await lab.open(parameters)
      const last = await ended
      assert.equal(last.phase, 'failed')
      assert.match(last.error!, line)
      assert.ok(!last.error!.includes('\n'))
      assert.equal(await alertOf(page), last.error)
      await page.close()
    })
  }
})

function finalResultsOf({ peerResults }: ResultsDocument): PeerResults[] {
  return Object.values(peerResults)
}

async function alertOf(page: Page): Promise<string | null> {
  return page.$eval('[role=alert]', (element) => element.textContent)
}
