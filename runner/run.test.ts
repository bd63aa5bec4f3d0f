import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import {
  CLIENT_URL,
  FakeResultsServer,
  LIGHTHOUSE_URL,
  RESULTS_URL
} from '../client/testing/fake-results-server'
import { PlainProgress } from '../cli/progress'
import type { RunnerSample } from '../protocol/runner-sample'
import type { TestState } from '../protocol/test-life'
import { runnerConfiguration, type RunnerConfiguration } from './configuration'
import { runClients, type ClientsOutcome } from './run'
import { FakeBrowser, type Script } from './testing/fake-browser'

/**
 * Results server, Lighthouse and client page in one, behind a real socket, because the runner's clock listens
 * to Node's own fetch.
 */
let fake: FakeResultsServer
let server: Server
let url: string
before(async () => {
  server = createServer((request, response) => {
    const pass = async () => {
      const answered = await answer(request)
      response.writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? '' })
      response.end(await answered.text())
    }
    pass().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.close()
  server.closeAllConnections()
})

async function answer(request: IncomingMessage): Promise<Response> {
  const path = request.url ?? '/'
  if (path === '/') return fake.answer(new URL(CLIENT_URL))
  if (path.startsWith('/layers')) return Response.json([])
  if (path.startsWith('/status')) return fake.answer(new URL(path, LIGHTHOUSE_URL))
  return fake.answer(new URL(path, RESULTS_URL), {
    method: request.method ?? 'GET',
    body: await text(request)
  })
}

interface Played extends ClientsOutcome {
  browser: FakeBrowser
  notes: string[]
}

async function play(
  script: Script,
  {
    test = {},
    signal = new AbortController().signal,
    notes = [],
    browser = new FakeBrowser(script),
    ...configuration
  }: Partial<RunnerConfiguration> & {
    test?: Partial<TestState>
    signal?: AbortSignal
    notes?: string[]
    browser?: FakeBrowser
  } = {}
): Promise<Played> {
  fake = new FakeResultsServer(test)
  fake.close()
  // `now` advances far enough for every look to show its detail.
  let now = 0
  const outcome = await runClients(
    runnerConfiguration({
      testId: 'mine',
      resultsServerUrl: url,
      lighthouseUrl: url,
      peersCount: 4,
      peersPerTab: 2,
      ...configuration
    }),
    {
      builds: [{ clientUrl: `${url}/`, peers: Infinity }],
      progress: new PlainProgress(
        (line) => notes.push(line.trim()),
        () => (now += 5000)
      ),
      signal,
      startBrowser: () => Promise.resolve(browser.asBrowser)
    }
  )
  return { ...outcome, browser, notes }
}

/** A page that does everything it should. */
const good: Script = (tab) => {
  for (const phase of ['connecting', 'ready', 'running', 'draining', 'done'] as const) tab.report(phase)
}

describe('a runner', () => {
  it('opens tabs for its peers, and succeeds when all have delivered their results', async () => {
    const { signal } = new AbortController()
    const { failures, timeouts, browser } = await play(good, { signal })
    assert.deepEqual([failures, timeouts], [[], []])
    // It serves all runs of a comparison.
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
    const asked = browser.tabs.map(({ address: { searchParams } }) =>
      ['testId', 'tabNumber', 'numberOfPeers', 'firstPeerNumber'].map((name) => searchParams.get(name))
    )
    assert.deepEqual(asked, [
      ['mine', '1', '2', '0'],
      ['mine', '2', '2', '2']
    ])
    assert.ok(browser.isClosed)
    assert.equal(fake.samples[0]!.state, 'starting')
    assert.equal(fake.samples.at(-1)!.state, 'finished')
    assert.equal(fake.samples[0]!.provenance?.browser, 'FakeChrome/1')
    assert.equal(fake.samples[0]!.provenance.options, undefined)
  })

  it('says which options of its peers were not as usual', async () => {
    await play(good, { signalling: 'delayed', peerIdLength: 20, pingInterval: 500, statsSubmitInterval: 200 })
    const expected = 'signalling delayed, peer-id-length 20, ping-interval 500, stats-submit-interval 200'
    assert.equal(fake.samples[0]!.provenance?.options, expected)
  })

  const MESHES: [what: string, mesh: 'usual' | 'full', expectedPeers: number | undefined, warns: boolean][] =
    [
      ['of a full mesh in a test that expects no number of peers', 'full', undefined, true],
      ['not of a full mesh of the peers that the test expects', 'full', 6, false],
      ['not of the usual mesh', 'usual', undefined, false]
    ]
  for (const [what, mesh, expectedPeers, warns] of MESHES)
    it(`warns ${what}`, async () => {
      const test = expectedPeers === undefined ? {} : { expectedPeers }
      const { notes, browser } = await play(good, { mesh, test })
      const wanted = mesh === 'full' ? String(expectedPeers ?? 4) : null
      assert.equal(browser.tabs[0]!.address.searchParams.get('meshPeers'), wanted)
      assert.equal(
        notes.filter((note) => note.includes("full mesh of this runner's 4 peers only")).length,
        +warns
      )
    })

  it('counts each link once, as the results do', async () => {
    const notes: string[] = []
    // Until both tabs run, the line counts one tab's three.
    const shown = () =>
      notes.flatMap((note) => / of 7 s, (\d+) links, /.exec(note)?.[1] ?? []).find((count) => +count > 3)
    await play(
      (tab) => {
        // Four peers in two tabs, all linked to each other: six links, twelve ends.
        tab.report('running', { connected: 6 })
        const looking = setInterval(() => {
          if (shown() === undefined) return
          clearInterval(looking)
          tab.report('done')
        }, 10)
      },
      // The runner's own is of tests that have none.
      { notes, test: { duration: 7 }, testDuration: 60 }
    )
    assert.equal(shown(), '6')
  })

  it('continues with the other tabs if one fails during the test, and says why', async () => {
    const { failures, browser } = await play((tab) => {
      if (tab.address.searchParams.get('tabNumber') === '1') {
        tab.report('running')
        tab.report('failed', { error: 'DEAD RECEIVER: peer x' })
      } else void good(tab)
    })
    assert.equal(browser.tabs.length, 2)
    assert.equal(failures.length, 1)
    assert.match(failures[0]!, /Tab 1 .*DEAD RECEIVER: peer x/)
    assert.equal(fake.samples.at(-1)!.state, 'failed')
  })

  it('stops all tabs if one fails before the start: the test would wait for ever', async () => {
    const { failures, browser } = await play((tab) => {
      tab.report('ready')
      if (tab.address.searchParams.get('tabNumber') === '2') tab.emit('error', new Error('out of memory'))
    })
    assert.match(failures.join(), /Tab 2 crashed \(out of memory\)/)
    assert.ok(browser.tabs[0]!.isStopped)
  })

  it('continues with the other tabs if one fails before its peers start in a test that runs', async () => {
    const { failures, browser } = await play(
      (tab) => {
        tab.report('ready')
        if (tab.address.searchParams.get('tabNumber') === '2') tab.emit('error', new Error('out of memory'))
        else setTimeout(() => good(tab), 1000)
      },
      { test: { state: 'running', started: 1 } }
    )
    assert.deepEqual(failures, ['Tab 2 crashed (out of memory)'])
    assert.ok(!browser.tabs[0]!.isStopped)
  })

  it('ends immediately if the browser is gone', async () => {
    const { failures, browser } = await play((tab) => {
      tab.report('running')
      tab.browser.emit('disconnected')
    })
    assert.match(failures.join('\n'), /browser/i)
    assert.equal(browser.tabs.length, 1, 'no further tab is opened')
  })

  it('says only that the browser is gone if that keeps a tab from opening', async () => {
    const browser = new FakeBrowser(good)
    browser.createBrowserContext = () => {
      browser.emit('disconnected')
      return Promise.reject(new Error('Protocol error (Target.createBrowserContext): Target closed'))
    }
    const { failures } = await play(good, { browser })
    assert.deepEqual(failures, ['The browser has crashed or was killed'])
  })

  it('lets its pages deliver what they have when told to stop', async () => {
    const controller = new AbortController()
    const { failures, browser } = await play(
      (tab) => {
        tab.report('running')
        tab.on('stop', () => setTimeout(() => tab.report('done'), 1000))
        setTimeout(() => controller.abort(), 50)
      },
      { signal: controller.signal }
    )
    assert.equal(fake.samples.at(-1)!.peers.done, 4)
    assert.ok(browser.tabs.every(({ isStopped }) => isStopped))
    assert.deepEqual(failures, ['Stopped before the end: existing results are submitted'])
  })

  it('stops before it knows the clock of a results server that answers nothing', async () => {
    const controller = new AbortController()
    const unanswered: (() => void)[] = []
    await play(
      () => {
        const answer = fake.answer.bind(fake)
        fake.answer = async (target, init) => {
          if (target.pathname === '/time') await new Promise<void>((resolve) => unanswered.push(resolve))
          return answer(target, init)
        }
        controller.abort()
      },
      { signal: controller.signal }
    )
    assert.ok(unanswered.length <= 1, 'it asked again and again')
    fake.answer = () => Promise.resolve(Response.json({ now: 0 }))
    for (const answer of unanswered) answer()
  })

  it('loads a page again while the network changes under it', async () => {
    const changes = ['net::ERR_NETWORK_CHANGED at http://client/']
    const { failures } = await play((tab) => {
      if (changes.length > 0) throw new Error(changes.pop())
      good(tab)
    })
    assert.deepEqual(failures, [])
  })

  it('fails without another try if a page cannot be loaded', async () => {
    let loads = 0
    const { failures } = await play(
      () => {
        loads++
        throw new Error('net::ERR_CONNECTION_REFUSED')
      },
      { peersCount: 2 }
    )
    assert.deepEqual(failures, ['Tab 1 could not load the page: net::ERR_CONNECTION_REFUSED'])
    assert.equal(loads, 1)
  })

  it('stops although a page does not load', async () => {
    const controller = new AbortController()
    const { failures, browser } = await play(
      () => {
        controller.abort()
        return new Promise(() => undefined)
      },
      { signal: controller.signal }
    )
    assert.deepEqual(failures, ['Stopped before the end: existing results are submitted'])
    assert.ok(browser.isClosed)
  })

  it('fails in one line, which the server learns too, if a tab cannot be opened', async () => {
    const closed = 'Protocol error (Target.createBrowserContext): Target closed'
    const { failures, browser } = await play((tab) => {
      tab.browser.createBrowserContext = () => Promise.reject(new Error(closed))
    })
    assert.deepEqual(failures, [closed])
    assert.ok(browser.isClosed)
    const { state, errors } = fake.samples.at(-1)!
    assert.deepEqual([state, errors], ['failed', [closed]])
  })

  const TOO_LATE = 'Only 0 of 4 peers have submitted their results'
  for (const phase of ['connecting', 'running'] as const) {
    it(`fails if the test is finished while its peers are ${phase} and hand nothing in`, async () => {
      const { failures, timeouts } = await play((tab) => {
        tab.report(phase)
        // The answer to the next sample, as soon as the peers run.
        fake.stops = true
      })
      assert.deepEqual([failures, timeouts], [[], [TOO_LATE]])
      assert.equal(fake.samples.at(-1)!.state, 'failed')
    })
  }

  it('passes on errors of pages once, and reports them with its samples', async () => {
    const { notes } = await play((tab) => {
      tab.emit('pageerror', new Error('x is not a function'))
      tab.emit('pageerror', new Error('x is not a function'))
      for (const type of ['error', 'log']) tab.emit('console', { type: () => type, text: () => `is ${type}` })
      tab.report('asleep' as 'done')
      good(tab)
    })
    assert.ok(notes.some((note) => note.includes('Tab 1: is error')))
    assert.ok(!notes.some((note) => note.includes('is log')))
    assert.ok(notes.some((note) => note.includes('Tab 1: reported something else than its status: ')))
    assert.equal(notes.filter((note) => note.includes('Tab 1: x is not a function')).length, 1)
    assert.ok(
      fake.samples.flatMap(({ errors }) => errors).some((error) => error.includes('x is not a function'))
    )
  })

  const refusals: { it: string; configuration: Parameters<typeof play>[1]; says: RegExp }[] = [
    { it: 'no such test', configuration: { testId: 'other' }, says: /has no test "other": create it by/ },
    {
      it: 'a finished test',
      configuration: { test: { state: 'finished', started: 1, finished: 2 } },
      says: /The test "mine" is finished already/
    },
    {
      it: 'no Lighthouse',
      configuration: { lighthouseUrl: 'http://127.0.0.1:1' },
      says: /LIGHTHOUSE_URL http:\/\/127\.0\.0\.1:1 cannot be reached/
    }
  ]
  for (const { it: what, configuration, says } of refusals) {
    it(`does not begin if there is ${what}`, async () => {
      await assert.rejects(play(good, configuration), says)
    })
  }

  it('closes its browser if it cannot register, and stores why', async () => {
    const browser = new FakeBrowser(good)
    browser.version = () => Promise.reject(new Error('Target closed'))
    await assert.rejects(play(good, { browser }), /^Error: Target closed$/)
    assert.ok(browser.isClosed)
    const told = fake.samples.map(({ state, errors }) => [state, errors])
    assert.deepEqual(told, [['failed', ['Target closed']]])
  })

  it('stores with the test why it could not begin', async () => {
    const refused = /LIGHTHOUSE_URL .* cannot be reached/
    await assert.rejects(play(good, { lighthouseUrl: 'http://127.0.0.1:1' }), refused)
    const [{ state, errors }] = fake.samples as [RunnerSample]
    assert.equal(state, 'failed')
    assert.match(errors.join(), refused)
  })
})
