import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'puppeteer'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import { openProbe } from './support/link-probe'
import { startClients, startTestLab, type TestLab } from './support/lab'

const silent = () => undefined

describe('networks', () => {
  let lab: TestLab
  let browser: Browser
  before(async () => {
    lab = await startTestLab()
    browser = await launchBrowser(await obtainBrowser(silent), new URL(lab.resultsServerUrl).origin, silent)
  })
  after(async () => {
    await browser.close()
    await lab.close()
  })

  it('delay and lose packets between peers, cut them off and bring them back, while requests pass', async () => {
    const path = `${lab.resultsServerUrl}/time`
    const script = 'delay=200ms,loss=10%,1s:offline,2s:perfect'
    // With that much loss, connecting would take too long, so start without it.
    const probe = await openProbe(browser, path, 'perfect')
    await probe.set(script)
    // SCTP may pause for seconds, again and again, when it loses what it sends again.
    const delays = await probe.send(100, 20, 60)
    // Nothing can be faster than the line; how much slower it is depends on the machine.
    assert.ok(delays[0]! > 197, `the quickest took ${delays[0]} ms`)
    assert.ok(delays.length > 50 && delays.length < 100, `${delays.length} of 100 arrived`)

    await probe.set(script, 1)
    assert.equal((await probe.send(50, 100)).length, 0)
    assert.equal((await probe.request(path, 5)).length, 5)

    await probe.set(script, 2)
    assert.ok((await probe.send(50, 100)).length > 0)
    await probe.close()
  })

  it('give peers on different lines their own tabs, follow the script, and record it in the results', async () => {
    const network = 'perfect:2,delay=600ms,loss=1%:1,5s:perfect'
    await lab.client.createTest('lines', { expectedPeers: 3, duration: 8, warmup: 1, seed: 5 })
    const run = startClients(lab, 'lines', { PEERS_COUNT: '3', PEERS_PER_TAB: '3', NETWORK: network })
    assert.deepEqual(await run.failures, [], run.output.join('\n'))
    const output = run.output.join('\n')
    assert.match(output, /The peers take 2 tabs instead of 1: a tab has one link/)
    assert.match(output, /Network after 5 s: perfect \(part 2 of 2\)/)
    assert.doesNotMatch(output, /Tab \d+:/, 'a tab has nothing to complain of')

    const { summary } = await lab.client.finishTest('lines')
    assert.equal(summary!.provenance.runners[0]!.network, network)
    // Half the delay is at the slow peer's end: packets that pass it take 300 ms.
    assert.ok(summary!.latency.all!.max > 295, `the longest took ${summary!.latency.all!.max} ms`)
    assert.ok(summary!.delivery.position! > 0.9, `delivery ${summary!.delivery.position}`)
  })

  for (const [engine, network] of [
    ['the browser', 'delay=300ms'],
    ['the relay', 'delay=300ms,jitter=1ms']
  ] as const)
    it(`give each end of the line to the signalling of ${engine}, if that is wanted`, async () => {
      const test = `signalling of ${engine}`.replaceAll(' ', '-')
      await lab.client.createTest(test, { expectedPeers: 2, duration: 3, warmup: 1, seed: 5 })
      const variables = { PEERS_COUNT: '2', NETWORK: network, SIGNALLING: 'delayed' }
      const run = startClients(lab, test, variables)
      assert.deepEqual(await run.failures, [], run.output.join('\n'))
      const { summary } = await lab.client.finishTest(test)
      // The opening of the socket passes one end of the line and comes back.
      const { socket } = summary!.connection
      assert.ok(socket!.p50 > 295, `the socket took ${socket!.p50} ms`)
    })

  it('cut three of six peers off for ten seconds, over the relay, and heal', async () => {
    const network = 'perfect:3,perfect:3,3s:partition,13s:perfect'
    await lab.client.createTest('parted', { expectedPeers: 6, duration: 22, warmup: 1, seed: 5 })
    const run = startClients(lab, 'parted', { PEERS_COUNT: '6', PEERS_PER_TAB: '6', NETWORK: network })
    assert.deepEqual(await run.failures, [], run.output.join('\n'))
    const { summary } = await lab.client.finishTest('parted')
    console.log(
      `Partition of 3 of 6 for 10 s: delivery ${summary!.delivery.all}, latency p50 ${summary!.latency.all!.p50} ms, max ${summary!.latency.all!.max} ms, ` +
        `components at most ${summary!.mesh.componentsMax}, at the end ${summary!.mesh.components}, links ${JSON.stringify(summary!.links)}, ` +
        `outages ${JSON.stringify(summary!.outages)}`
    )
    // Messages owed across the partition arrive after it heals, or never; those within one side are as fast
    // as ever.
    assert.ok(
      summary!.delivery.all! < 1 || summary!.latency.all!.max > 5000,
      JSON.stringify(summary!.latency.all)
    )
    // The libraries keep the links open for longer than the ten seconds, but nothing arrives on them.
    assert.ok(summary!.links.silentMax! >= 3, JSON.stringify(summary!.links))
    assert.equal(summary!.outages.notRecovered, 0, JSON.stringify(summary!.outages))
    assert.equal(summary!.outages.recovery!.count, 1)
    assert.ok((summary!.latency.all!.p50 ?? NaN) < 2000, JSON.stringify(summary!.latency.all))
    assert.equal(summary!.mesh.components, 1, 'the mesh has not healed')
  })

  it('are refused in one line if misspelt', () =>
    assert.throws(
      () => startClients(lab, 'nowhere', { NETWORK: '4gg' }),
      /NETWORK must be a network such as .*unknown network "4gg": did you mean 4g/
    ))
})
