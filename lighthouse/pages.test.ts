import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startLighthouse, type Lighthouse } from './app'
import { TestClient } from './testing/test-client'

describe('human-readable pages', () => {
  let lighthouse: Lighthouse
  let old: TestClient
  let young: TestClient
  before(async () => {
    lighthouse = await startLighthouse({
      port: 0,
      islandFlushInterval: 20,
      name: 'zeus',
      commitHash: 'abc123'
    })
    old = await TestClient.connect(lighthouse, 'old')
    await old.joinLayer('blue')
    await old.joinRoom('blue', 'room')
    old.heartbeat([20, 0, -1], { parcel: [1, -1], connectedPeerIds: ['x"\\'] })
    await old.settle()
    young = await TestClient.connect(lighthouse, 'young')
    young.heartbeat([20, 0, -1], { parcel: [1, -1], connectedPeerIds: ['somebody'] })
    await young.receive('CHANGE_ISLAND')
  })
  after(() => lighthouse.close())

  it('/status says what it is, and that it does not authenticate', async () => {
    const status = (await get('/status')) as Record<string, unknown>
    assert.match(String(status.name), /^[a-z]+$/)
    assert.match(String(status.version), /^\d+\.\d+\.\d+$/)
    assert.equal(status.ready, true)
    assert.equal(typeof status.currenTime, 'number')
    assert.deepEqual(status.env, { auth: 'no-auth', commitHash: 'abc123' })
    assert.equal(status.layers, undefined)
    const withLayers = (await get('/status?includeLayers=true')) as Record<string, unknown>
    assert.deepEqual(withLayers.layers, [
      { name: 'blue', usersCount: 1, maxUsers: 100, usersParcels: [[1, -1]] }
    ])
  })

  const layer = { name: 'blue', usersCount: 1, maxUsers: 100 }
  const table: [string, unknown][] = [
    ['/layers', [layer]],
    ['/layers?usersParcels=true', [{ ...layer, usersParcels: [[1, -1]] }]],
    ['/layers/blue', { ...layer, usersParcels: [[1, -1]] }],
    ['/layers/blue/rooms', ['room']],
    ['/layers/blue/rooms?userId=old', ['room']],
    ['/layers/blue/rooms?userId=young', []],
    [
      '/peers/topology',
      {
        ok: true,
        topology: [
          { id: 'old', connectedPeers: ['x"\\'] },
          { id: 'young', connectedPeers: ['somebody'] }
        ]
      }
    ],
    ['/parcels', { ok: true, parcels: [{ peersCount: 2, parcel: { x: 1, y: -1 } }] }],
    ['/islands/I9', { status: 'island-not-found', message: 'island-not-found' }],
    ['/nowhere', { status: 'not-found', message: 'no such page: / lists them' }]
  ]
  for (const [path, expected] of table) {
    it(path, async () => assert.deepEqual(await get(path), expected))
  }

  it('/layers/:layer/topology, as JSON and for graphviz', async () => {
    const [entry] = (await get('/layers/blue/topology')) as { lastPing: number }[]
    assert.deepEqual(entry, {
      id: 'old',
      layer: 'blue',
      parcel: [1, -1],
      position: [20, 0, -1],
      lastPing: entry?.lastPing,
      protocolVersion: 4,
      connectedPeerIds: ['x"\\']
    })
    const response = await fetch(`${lighthouse.url}/layers/blue/topology?format=graphviz`)
    assert.equal(
      await response.text(),
      ['strict digraph "blue" {', '  "old"', '  "old" -> "x\\"\\\\"', '}', ''].join('\n')
    )
  })

  it('/islands and /peers tell the generations apart', async () => {
    const island = (await get('/islands/I1')) as { peers: { id: string }[] }
    assert.deepEqual(
      island.peers.map(({ id }) => id),
      ['young']
    )
    const { islands } = (await get('/islands')) as { islands: { id: string; maxPeers: number }[] }
    assert.deepEqual(
      islands.map(({ id, maxPeers }) => ({ id, maxPeers })),
      [{ id: 'I1', maxPeers: 100 }]
    )
    const { peers } = (await get('/peers')) as { peers: Record<string, unknown>[] }
    assert.deepEqual(
      peers.map(({ id, generation, layer, island }) => ({ id, generation, layer, island })),
      [
        { id: 'old', generation: 'layers', layer: 'blue', island: undefined },
        { id: 'young', generation: 'islands', layer: undefined, island: 'I1' }
      ]
    )
  })

  it('/config shows its settings', async () => {
    const { config } = (await get('/config')) as { config: Record<string, unknown> }
    assert.deepEqual(config, {
      host: '127.0.0.1',
      port: 0,
      heartbeatTimeout: 60_000,
      maxPeers: 5000,
      maxUsersPerLayer: 100,
      maxPeersPerIsland: 100,
      islandJoinDistance: 64,
      islandSplitDistance: 80,
      islandFlushInterval: 20,
      validationTimeout: 10_000,
      allowedOrigins: [],
      name: 'zeus',
      commitHash: 'abc123'
    })
  })

  it('/ lists the pages', async () => {
    const { pages } = (await get('/')) as { pages: string[] }
    assert.ok(pages.includes('/peers/topology'))
  })

  async function get(path: string): Promise<unknown> {
    return (await old.request('GET', path)).body
  }
})
