import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from 'puppeteer'
import { parseNetwork } from '../cli/network/parse'
import { UserError } from '../cli/user-error'
import type { ResultsClient } from '../protocol/api-client'
import { PeerRelay } from './relay/peer-relay'
import type { RunnerConfiguration } from './configuration'
import { playScript, TabLinks } from './tab-links'

const linksOf = (network: string, relay?: PeerRelay, more: Partial<RunnerConfiguration> = {}, testSeed = 1) =>
  new TabLinks(
    { network, seed: 5, peersCount: 4, peersPerTab: 4, ...more } as RunnerConfiguration,
    testSeed,
    relay
  )
const SCRIPT = { now: () => 0, signal: new AbortController().signal, tell: () => undefined }
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
      let scripts = 0
      const page = {
        evaluateOnNewDocument: () => Promise.resolve(void scripts++),
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
      assert.equal(scripts, signalling === 'delayed' ? 1 : 0)
      // That of the first line, as its sockets' frames, and as in virtual time.
      const ofLighthouse = sent.filter(({ urlPattern }) => urlPattern.includes('lighthouse'))
      assert.ok(ofLighthouse.every(({ latency }) => latency === 80))
    })

  for (const [peerIds, test] of [
    ['seed', undefined],
    ['test', 'mine']
  ] as const)
    it(`tell the relay whether ids of peers follow from the test, as by peer ids of the ${peerIds}`, async () => {
      for (const [network, expected] of [
        ['delay=9ms,jitter=2ms', [test, 7]],
        ['home', []]
      ] as const) {
        const told: unknown[] = []
        const relay = {
          open: ({ test }: { test?: string }) => told.push(test),
          begin: (elapsed: () => number) => told.push(elapsed())
        } as unknown as PeerRelay
        const links = linksOf(network, relay, { peerIds, testId: 'mine' })
        links.openRelay()
        const client = { waitForTest: () => Promise.resolve({ startsAt: 3 }) } as unknown as ResultsClient
        await links.play(client, { ...SCRIPT, now: () => 10 })
        assert.deepEqual(told, expected)
      }
    })

  it('fail with the script, but not at the end of the run', async () => {
    const client = { waitForTest: () => Promise.reject(new Error('no server')) } as unknown as ResultsClient
    const links = linksOf('home,1s:4g')
    await assert.rejects(links.play(client, SCRIPT), /no server/)
    await links.play(client, { ...SCRIPT, signal: AbortSignal.abort() })
  })

  const RELAYED = 'delay=9ms,jitter=2ms:2,4g:2'
  for (const [network, signalling, tabs] of [
    ['home', 'direct', 1],
    ['home:2,4g:2', 'direct', 2],
    [RELAYED, 'direct', 1],
    [RELAYED, 'delayed', 2]
  ] as const)
    it(`give the peers of ${network} ${tabs} tabs if signalling is ${signalling}, and report more`, () => {
      const told: string[] = []
      const plans = linksOf(network, relay(), { signalling }).plan(0, (line) => told.push(line))
      assert.equal(plans.length, tabs)
      assert.match(told.join(), tabs === 1 ? /^$/ : /^The peers take 2 tabs instead of 1/)
    })

  it('are drawn from the seed of the runner, or else of the test', () => {
    const partsBy = (seed: number | undefined, testSeed: number) =>
      linksOf('home:1,4g:1', undefined, { seed, peersCount: 40, peersPerTab: 40 }, testSeed)
        .plan(0, () => undefined)
        .map(({ part, peers }) => `${part}: ${peers.join()}`)
        .toSorted()
    assert.deepEqual(partsBy(undefined, 5), partsBy(5, 1))
    assert.notDeepEqual(partsBy(undefined, 5), partsBy(1, 5))
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
    const begin = performance.now()
    await playScript(network, tabs, 1000, {
      now: () => 1000,
      signal: new AbortController().signal,
      tell: (line) => told.push(line)
    })
    // Its clock stands: it waits for 30, 40 and 50 ms.
    assert.ok(performance.now() - begin > 110)
    assert.deepEqual(moved, ['0 offline', '1 offline', '2 offline', '0 4g'])
    assert.deepEqual(told, [
      'Network after 0.03 s: offline (part 1 of 2)',
      'Network after 0.04 s: offline (part 2 of 2)',
      'Network after 0.05 s: 4g (part 1 of 2)'
    ])
  })

  it('ends when the run does', async () => {
    const over = new AbortController()
    const playing = playScript(
      parseNetwork('home,1000s:offline'),
      [{ part: 0, setLink: () => assert.fail() }],
      0,
      {
        now: () => 0,
        signal: over.signal,
        tell: () => undefined
      }
    )
    over.abort()
    await playing
  })
})
