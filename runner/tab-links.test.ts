import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { parseNetwork } from '../options/network/parse'
import { UserError } from '../options/user-error'
import type { ResultsClient } from '../protocol/api-client'
import { PeerRelay } from './relay/peer-relay'
import type { RunnerConfiguration } from './configuration'
import { playScript, TabLinks } from './tab-links'

const linksOf = (network: string, relay?: PeerRelay) =>
  new TabLinks({ network, seed: 5, peersCount: 4, peersPerTab: 4 } as RunnerConfiguration, 1, relay)
const relay = () => new PeerRelay((_, number) => String(number))

describe('the links of tabs', () => {
  for (const network of [
    'delay=10ms,jitter=2ms',
    'delay=10ms,reorder=1%',
    'home:5,home:3,2s:partition,4s:home'
  ])
    it(`refuse ${network} in one line if there is no relay`, () => {
      assert.throws(
        () => linksOf(network),
        (error) =>
          error instanceof UserError &&
          /^NETWORK .* needs the relay of npm start and compare/.test(error.message)
      )
      assert.doesNotThrow(() => linksOf(network, relay()))
    })

  for (const network of ['perfect', '4g', 'home:6,4g:2', 'home,2s:offline,4s:home'])
    it(`make ${network} in the browser, with or without a relay`, () => {
      assert.doesNotThrow(() => linksOf(network))
      assert.doesNotThrow(() => linksOf(network, relay()))
    })

  const rules: [network: string, signalling: 'direct' | 'delayed', patterns: string[]][] = [
    ['delay=80ms', 'direct', ['*://*:*/*', '']],
    ['delay=80ms', 'delayed', ['*://lighthouse:9000/*', '*://*:*/*', '']],
    ['delay=80ms,jitter=2ms', 'direct', []],
    ['delay=80ms,jitter=2ms', 'delayed', ['*://lighthouse:9000/*']],
    // Each step of the script sets all rules anew.
    [
      'delay=80ms,1s:delay=9ms',
      'delayed',
      ['*://lighthouse:9000/*', '*://*:*/*', '', '*://lighthouse:9000/*', '*://*:*/*', '']
    ]
  ]
  for (const [network, signalling, patterns] of rules)
    it(`delay what ${network} delays if signalling is ${signalling}`, async () => {
      const sent: { urlPattern: string; latency: number }[] = []
      let isEnabled = false
      const page = {
        evaluateOnNewDocument: () => Promise.resolve(),
        createCDPSession: () =>
          Promise.resolve({
            // Like Chromium, it applies nothing before the domain is enabled.
            send: (method: string, rules?: { matchedNetworkConditions: typeof sent }) => {
              if (method === 'Network.enable') isEnabled = true
              else if (isEnabled) sent.push(...rules!.matchedNetworkConditions)
              return Promise.resolve()
            }
          })
      } as unknown as Page
      const lighthouseUrl = 'http://lighthouse:9000'
      const peers = { peersCount: 1, peersPerTab: 1 }
      const configuration = { network, seed: 5, signalling, lighthouseUrl, ...peers } as RunnerConfiguration
      const links = new TabLinks(configuration, 1, relay())
      await links.prepare(page, 'http://page', links.plan(0, () => undefined)[0]!)
      const client = { waitForTest: () => Promise.resolve({ startsAt: 0 }) } as unknown as ResultsClient
      const { signal } = new AbortController()
      await links.play(client, { now: () => 1000, signal, tell: () => undefined })
      assert.deepEqual(
        sent.map(({ urlPattern }) => urlPattern),
        patterns
      )
      // That of the first line, as its sockets' frames, and as in virtual time.
      const ofLighthouse = sent.filter(({ urlPattern }) => urlPattern.includes('lighthouse'))
      assert.ok(ofLighthouse.every(({ latency }) => latency === 80))
    })

  for (const [peerIds, test] of [
    ['seed', undefined],
    ['test', 'mine']
  ] as const)
    it(`tell the relay whether ids of peers follow from the test, as by peer ids of the ${peerIds}`, () => {
      const told: unknown[] = []
      const relay = { open: ({ test }: { test?: string }) => told.push(test) } as unknown as PeerRelay
      const configuration = { network: 'delay=9ms,jitter=2ms', seed: 5, peerIds, testId: 'mine' }
      new TabLinks(configuration as RunnerConfiguration, 1, relay).openRelay()
      assert.deepEqual(told, [test])
    })

  it('give peers on different lines their own tabs, and report it', () => {
    const told: string[] = []
    const plans = linksOf('home:2,4g:2').plan(0, (line) => told.push(line))
    assert.equal(plans.length, 2)
    assert.match(told.join(), /The peers take 2 tabs instead of 1/)
  })
})

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
