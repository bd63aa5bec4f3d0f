import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PointEvent } from '../../protocol/events'
import { LIMITS } from '../../protocol/limits'
import type { TestState } from '../../protocol/test-life'
import { Clock } from '../clock'
import { until } from '../testing/databases'
import { send } from '../testing/raw-request'
import { samplePoint, sampleRunner } from '../testing/sample-data'
import { serve, type Served } from '../testing/test-server'

interface Received {
  name: string
  id?: string
  data: unknown
}

/** Reads a stream until it ends or the test ends. */
function listen(t: TestContext, server: Served, query = '', headers: Record<string, string> = {}) {
  const abort = new AbortController()
  t.after(() => abort.abort())
  const events: Received[] = []
  const ended = (async () => {
    const response = await fetch(`${server.url}/test/live/events${query}`, { headers, signal: abort.signal })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      events.push(...blocks.map(parse))
    }
  })()
  ended.catch(() => undefined)
  return {
    events,
    ended,
    stop: () => abort.abort()
  }
}

function parse(block: string): Received {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string])
  )
  return {
    name: fields.event!,
    ...(fields.id !== undefined && { id: fields.id }),
    data: JSON.parse(fields.data!)
  }
}

const sequences = (events: Received[]) =>
  events
    .filter(({ name }) => name === 'points')
    .flatMap(({ data }) => (data as PointEvent[]).map(({ sequence }) => sequence))

describe('GET /test/:testId/events', () => {
  it('sends the state, then each event, and ends with the test', async (t) => {
    const server = await serve(t)
    await server.client.createTest('live')
    const { events, ended } = listen(t, server)
    await until(() => events.length > 0, 'the state')
    await server.client.startTest('live')
    await server.client.submitPoints('live', [samplePoint('p', 0), samplePoint('p', 1)])
    await server.client.submitRunnerSample('live', 'r', sampleRunner(0))
    await server.client.submitTopology('live', { at: Date.now(), source: 'peers', nodes: [] })
    await server.client.finishTest('live')
    await ended
    assert.deepEqual(sequences(events), [0, 1])
    const names = events.map(({ name }) => name)
    for (const name of ['state', 'points', 'runner', 'topology']) assert.ok(names.includes(name), name)
    const states = events.filter(({ name }) => name === 'state').map(({ data }) => (data as TestState).state)
    assert.equal(states[0], 'created')
    assert.equal(states.at(-1), 'finished')
  })

  it('answers a HEAD request at once', async (t) => {
    const server = await serve(t)
    await server.client.createTest('live')
    assert.equal((await send(server, { method: 'HEAD', path: '/test/live/events' })).status, 200)
    assert.equal((await send(server, { path: '/status' })).body.eventStreams, 0)
  })

  it('fills the gap after a reconnect: nothing is missing, nothing comes twice', async (t) => {
    const server = await serve(t)
    await server.client.createTest('live', { started: true })
    let next = 0
    const submit = () => server.client.submitPoint('live', 'p', samplePoint('p', next++))
    await submit()
    const first = listen(t, server, '?since=0')
    await until(() => sequences(first.events).length === 1, 'the first point, of before')
    await submit()
    await until(() => sequences(first.events).length === 2, 'the second, live')
    first.stop()
    for (let i = 0; i < 20; i++) await submit()
    const lastId = first.events.filter(({ id }) => id !== undefined).at(-1)!.id!
    const second = listen(t, server, '', { 'last-event-id': lastId })
    // More points arrive while the gap is being filled.
    for (let i = 0; i < 20; i++) await submit()
    await server.client.finishTest('live')
    await second.ended
    const all = [...sequences(first.events), ...sequences(second.events)]
    assert.deepEqual(
      all,
      Array.from({ length: next }, (_, index) => index)
    )
  })

  it('adds up the points of more peers than a page can tell apart', async (t) => {
    const server = await serve(t)
    await server.client.createTest('live', { started: true })
    const points = (sequence: number) =>
      Array.from({ length: LIMITS.watchedPeers + 1 }, (_, peer) => samplePoint(`p${peer}`, sequence))
    await server.client.submitPoints('live', points(0))
    const { events } = listen(t, server, '?since=0')
    const crowds = () => events.flatMap(({ name, data }) => (name === 'points' ? (data as PointEvent[]) : []))
    for (let sequence = 1; crowds().length === 0; sequence++) {
      await server.client.submitPoints('live', points(sequence))
      await sleep(100)
    }
    const [{ peerId, crowd, metrics }] = crowds() as [PointEvent]
    assert.deepEqual([peerId, crowd?.peers], ['blue', LIMITS.watchedPeers + 1])
    assert.equal(metrics.messages?.chat.sent, 20 * crowd!.points)
  })

  it('tells of whole windows of a large test, whenever its page is opened', async (t) => {
    let now = Math.ceil(Date.now() / 2_000) * 2_000
    const server = await serve(t, { clock: new Clock(() => now) })
    await server.client.createTest('live', { started: true })
    const peers = LIMITS.watchedPeers + 1
    const submit = (sequence: number, from: number, until: number) =>
      server.client.submitPoints(
        'live',
        Array.from({ length: until - from }, (_, index) => samplePoint(`p${from + index}`, sequence))
      )
    /** `between` comes in the middle of the window. */
    const submitWindow = async (sequence: number, between: () => Promise<unknown>) => {
      await submit(sequence, 0, 50)
      await between()
      now += 1_000
      await submit(sequence, 50, peers)
      now += 1_000
    }
    const crowdsOf = ({ events }: ReturnType<typeof listen>) =>
      events.flatMap(({ name, data }) =>
        name === 'points' ? (data as PointEvent[]).map(({ crowd }) => crowd) : []
      )
    const has = (stream: ReturnType<typeof listen>, crowds: number) =>
      until(() => crowdsOf(stream).length >= crowds, `${crowds} windows`)
    await submitWindow(0, () => Promise.resolve())
    let first!: ReturnType<typeof listen>
    await submitWindow(1, () => has((first = listen(t, server, '?since=0')), 1))
    let second!: ReturnType<typeof listen>
    await submitWindow(2, async () => {
      await has(first, 2)
      const { id } = first.events.findLast(({ name }) => name === 'points')!
      first.stop()
      second = listen(t, server, '', { 'last-event-id': id! })
      await until(() => second.events.length > 0, 'the state')
    })
    await submitWindow(3, () => Promise.resolve())
    await submitWindow(4, () => has(second, 1))
    assert.deepEqual([...crowdsOf(first), ...crowdsOf(second)], Array(3).fill({ points: peers, peers }))
  })

  it('refuses a position that is not an event id', async (t) => {
    const server = await serve(t)
    await server.client.createTest('live', { started: true })
    await server.client.submitPoint('live', 'p', samplePoint('p', 0))
    for (const since of ['1', '7', '999999999999']) {
      const response = await fetch(`${server.url}/test/live/events?since=${since}`)
      const answer = (await response.json()) as { error: string; field: string }
      assert.deepEqual([response.status, answer.error, answer.field], [400, 'bad-query', 'since'], since)
    }
  })
})
