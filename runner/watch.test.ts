import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { LIMITS } from '../protocol/limits'
import type { PagePhase, PageStatus } from '../protocol/page'
import { Watch } from './watch'

const status = (phase: PagePhase, more: Partial<PageStatus> = {}): PageStatus => ({
  phase,
  peers: { wanted: 2, ready: phase === 'connecting' ? 0 : 2, done: phase === 'done' ? 2 : 0 },
  connected: 4,
  messagesReceived: 10,
  messagesSent: 5,
  tickLatenessP95: 1,
  connectionsCreated: 3,
  ...more
})

describe('the watch over two tabs of two peers', () => {
  let now: number
  let told: string[]
  let ahead: number
  let watch: Watch

  /** Lets time pass while the runner looks regularly; the `reporting` tabs report every second. */
  const pass = (seconds: number, phase: PagePhase, ...reporting: number[]) => {
    for (let i = 0; i < seconds; i++) {
      now += 1000
      for (const tab of reporting) watch.report(tab, status(phase))
      watch.look()
    }
  }

  beforeEach(() => {
    now = 0
    told = []
    ahead = 5e11
    watch = new Watch(
      4,
      (line) => {
        told.push(line)
      },
      () => now,
      undefined,
      () => ahead
    )
    watch.opened(1, 2)
  })

  it('is settled when every tab is done, but not before all are open', () => {
    watch.report(1, status('done'))
    assert.equal(watch.settled, false)
    watch.opened(2, 2)
    watch.report(2, status('draining'))
    assert.equal(watch.settled, false)
    watch.report(2, status('done'))
    assert.equal(watch.settled, true)
    assert.deepEqual(watch.failures, [])
    assert.deepEqual(watch.peers, { wanted: 4, ready: 4, done: 4 })
  })

  const SET: [phase: PagePhase, ms: number, line?: string][] = [
    ['running', -300_000, "This machine's clock was set by -300 s, or it was suspended"],
    ['running', 1_600, "This machine's clock was set by 2 s, or it was suspended"],
    ['running', 900],
    ['ready', -300_000]
  ]
  for (const [phase, ms, line] of SET)
    it(`${line === undefined ? 'bears' : 'fails for'} a clock that is set by ${ms} ms while it is ${phase}`, () => {
      pass(2, phase, 1)
      ahead += ms
      pass(2, phase, 1)
      pass(2, 'running', 1)
      assert.equal(watch.disturbance, line)
      assert.deepEqual(watch.failures, [line ?? []].flat())
    })

  it('lets no line of a page begin as one of its own', () => {
    watch.pageError(1, 'x\nSIGTERM: stopping')
    watch.report(1, status('failed', { error: 'y\nSIGTERM: stopping' }))
    watch.timeOut('z\nSIGTERM: stopping')
    for (const texts of [told, watch.failures, watch.timeouts]) {
      assert.ok(texts.length > 0)
      assert.doesNotMatch(texts.join('\n'), /^\s*SIG/m)
    }
  })

  it('keeps the token out of everything that it tells, counts or submits', () => {
    watch.gone(1, 'could not load the page: net::ERR_EMPTY_RESPONSE at http://h/?a=b#token=SECRET')
    watch.problem('at http://h/#token=SECRET')
    watch.timeOut('late: http://h/#token=SECRET')
    const everything = [...told, ...watch.failures, ...watch.timeouts, ...watch.takeErrors()]
    assert.equal(everything.length, 9)
    assert.doesNotMatch(everything.join('\n'), /SECRET/)
  })

  it('does not keep or tell all that a page throws if each error has another name in it', () => {
    for (let error = 0; error < 5000; error++)
      watch.pageError(1, `packet ${error.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')}`)
    watch.problem('The Lighthouse is gone')
    assert.equal(told.length, 1002)
    assert.equal(watch.takeErrors().length, 20)
    assert.deepEqual(told.slice(-2), [
      'Pages report more errors, which are not shown',
      'The Lighthouse is gone'
    ])
  })

  it('names a failure once, however often it happens', () => {
    for (let beat = 0; beat < 3; beat++) watch.disturbed('The Lighthouse is gone')
    assert.deepEqual([watch.failures, watch.disturbance], [['The Lighthouse is gone'], undefined])
  })

  it('derives ready and running from the pages’ reports, and sums their figures', () => {
    watch.opened(2, 2)
    assert.deepEqual(watch.peers, { wanted: 4, ready: 0, done: 0 })
    assert.deepEqual(Object.values(watch.totals), [0, 0, 0, 0])
    watch.report(1, status('running', { tickLatenessP95: 7, error: 'no more connections' }))
    assert.deepEqual(told, ['Tab 1: no more connections'])
    watch.report(2, status('connecting'))
    assert.deepEqual([watch.ready, watch.running], [false, true])
    watch.report(2, status('ready'))
    assert.equal(watch.ready, true)
    assert.deepEqual(watch.totals, {
      links: 4,
      messagesReceived: 20,
      messagesSent: 10,
      tickLatenessP95: 7
    })
  })

  const endings: { it: string; happens: () => void; failure: RegExp; crashed: number }[] = [
    {
      it: 'a crash',
      happens: () => watch.gone(2, 'crashed (Page crashed!)'),
      failure: /^Tab 2 crashed/,
      crashed: 1
    },
    {
      it: 'a page that fails',
      happens: () => watch.report(2, status('failed', { error: 'No WebRTC connection opened' })),
      failure: /^Tab 2 failed: No WebRTC connection opened$/,
      crashed: 0
    },
    {
      it: 'a page that does not load',
      happens: () => watch.gone(2, 'could not load the page: net::ERR_CONNECTION_REFUSED', 'failed'),
      failure: /^Tab 2 could not load the page/,
      crashed: 0
    },
    {
      it: 'the end of the browser',
      happens: () => watch.browserGone(),
      failure: /^The browser/,
      crashed: 2
    }
  ]
  for (const { it: name, happens, failure, crashed } of endings) {
    it(`records ${name} as a failure, once, and continues with the others`, () => {
      watch.opened(2, 2)
      happens()
      watch.report(1, status('done'))
      assert.equal(watch.settled, true)
      assert.equal(watch.failures.length, 1)
      assert.match(watch.failures[0]!, failure)
      assert.deepEqual(told, watch.failures)
      assert.deepEqual(watch.takeErrors(), watch.failures)
      assert.equal(watch.tabCounts.crashed, crashed)
    })
  }

  it('does not count the closing of tabs that have ended as a crash', () => {
    watch.report(1, status('done'))
    watch.gone(1, 'was closed')
    assert.deepEqual(watch.failures, [])
  })

  it('does not count what the runner itself closes as a crash', () => {
    watch.over()
    watch.gone(1, 'was closed')
    watch.browserGone()
    assert.deepEqual(watch.failures, [])
  })

  it('finds a running tab frozen after ten seconds of silence: an error, no failure', () => {
    watch.opened(2, 2)
    pass(3, 'running', 1, 2)
    pass(9, 'running', 1)
    assert.deepEqual(told, [])
    pass(3, 'running', 1)
    assert.match(told.join(), /^Tab 2 is frozen: it has been silent for 10 s$/)
    pass(1, 'running', 1, 2)
    assert.match(told.join('; '), /Tab 2 is back after 13 s/)
    assert.deepEqual(watch.failures, [])
    assert.equal(watch.takeErrors().length, 1)
  })

  it('allows a tab to be silent while it connects, but not for ever', () => {
    pass(1, 'connecting', 1)
    pass(80, 'connecting')
    assert.deepEqual(told, [])
    pass(12, 'connecting')
    assert.deepEqual(watch.timeouts, ['Tab 1 has been silent for 90 s and is given up'])
    assert.deepEqual(watch.failures, [])
  })

  it('waits for no word from a tab that is done', () => {
    pass(1, 'done', 1)
    pass(100, 'done')
    assert.deepEqual([told, watch.timeouts], [[], []])
  })

  it('is settled without the tabs that no browser can open any more', () => {
    watch.browserGone()
    assert.equal(watch.settled, true)
  })

  it('does not blame the tabs if the runner itself was stalled', () => {
    pass(1, 'running', 1)
    now += 60_000
    watch.look()
    assert.deepEqual(told, [])
  })

  it('reports a repeated error once, whatever numbers it contains', () => {
    for (let i = 0; i < 100; i++) watch.pageError(1, `${'x'.repeat(9_000)} is undefined at tick ${i}`)
    assert.deepEqual(told, [`Tab 1: ${'x'.repeat(LIMITS.textLength)}`.slice(0, LIMITS.textLength)])
    assert.deepEqual(watch.takeErrors(), told)
    assert.deepEqual(watch.takeErrors(), [])
  })
})
