import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { engineOf, usualPeersPerTab, type Engine } from './engine'
import { partOf } from './assignment'
import { pathBetween, PERFECT, PROFILES, shareOf } from './link'
import { canReach, mergedTimes, outagesOf, pathOf, stepAt } from './network'
import { parseNetwork } from './parse'

describe('a path between two peers', () => {
  for (const [name, link] of Object.entries(PROFILES)) {
    it(`is as ${name} says if both peers are on it`, () => {
      const { delay, loss } = pathBetween(link, link)
      assert.equal(delay, link.delay)
      assert.ok(Math.abs(loss - link.loss) < 1e-12, `${loss}`)
    })
  }

  it("is made of each peer's own half where their links differ", () => {
    const slow = { ...PERFECT, delay: 100, jitter: 3, loss: 0.19, burst: 80 }
    const quick = { ...PERFECT, delay: 20, jitter: 4 }
    const { delay, jitter, loss, burst } = pathBetween(slow, quick)
    assert.equal(delay, 60)
    assert.ok(Math.abs(jitter - 5 / Math.SQRT2) < 1e-9, `${jitter}`)
    assert.ok(Math.abs(loss - 0.1) < 1e-9, `${loss}`)
    assert.equal(burst, 80)
  })

  it('leaves a perfect link perfect', () => {
    assert.deepEqual(shareOf(PERFECT), PERFECT)
    const perfect = { delay: 0, jitter: 0, loss: 0, burst: 0, reorder: 0 }
    assert.deepEqual(pathBetween(PERFECT, PERFECT), perfect)
  })

  it('has the figures that its pair of parts names, one way', () => {
    const network = parseNetwork('delay=20ms:1,delay=40ms:1,1>2:loss=1%,2>2:delay=4ms')
    const figuresOf = (from: number, to: number) => {
      const { delay, loss } = pathOf(network, from, to, 0)
      return [delay, loss]
    }
    assert.deepEqual(
      [figuresOf(0, 0), figuresOf(0, 1)],
      [
        [20, 0],
        [30, 0.01]
      ]
    )
    assert.deepEqual(
      [figuresOf(1, 0), figuresOf(1, 1)],
      [
        [30, 0],
        [4, 0]
      ]
    )
  })
})

describe('a script', () => {
  const network = parseNetwork('home:2,20s:partition,30s:4g,40s:offline,home:1')

  it('gives the state at an instant', () => {
    const texts = [-5, 0, 19_999, 20_000, 35_000, 1e9].map((at) => stepAt(network.parts[0], at).text)
    assert.deepEqual(texts, ['home', 'home', 'home', 'partition', '4g', 'offline'])
  })

  it('knows who reaches whom', () => {
    const reached = (at: number) =>
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1]
      ].map(([from, to]) => canReach(network, from!, to!, at))
    assert.deepEqual(reached(10_000), [true, true, true, true])
    assert.deepEqual(reached(25_000), [true, false, false, true])
    assert.deepEqual(reached(35_000), [true, true, true, true])
    assert.deepEqual(reached(45_000), [false, false, false, true])
  })

  it('lists its outages', () =>
    assert.deepEqual(outagesOf(network), [
      { part: 0, reach: 'own part', from: 20_000, to: 30_000 },
      { part: 0, reach: 'nobody', from: 40_000, to: Infinity }
    ]))

  it('merges the outages of its parts', () => {
    const joined = (text: string) => mergedTimes(outagesOf(parseNetwork(text)))
    assert.deepEqual(joined('home'), [])
    assert.deepEqual(joined('home,5s:offline,9s:home,4g,2s:offline,6s:4g,20s:offline'), [
      { from: 2000, until: 9000 },
      { from: 20_000 }
    ])
    assert.deepEqual(joined('home,4g,1s:offline,2s:partition,3s:4g'), [{ from: 1000, until: 3000 }])
    assert.deepEqual(joined('home,1s:offline,2s:home,3s:offline,4s:home'), [
      { from: 1000, until: 2000 },
      { from: 3000, until: 4000 }
    ])
  })
})

describe('the assignment of peers to parts', () => {
  const rowOf = (text: string, seed: number, length: number) => {
    const network = parseNetwork(text)
    return Array.from({ length }, (_, number) => partOf(network, seed, number))
  }

  it('is the same for the same seed, and different for another', () => {
    assert.deepEqual(rowOf('home:6,4g:2', 7, 64), rowOf('home:6,4g:2', 7, 64))
    assert.notDeepEqual(rowOf('home:6,4g:2', 7, 64), rowOf('home:6,4g:2', 8, 64))
  })

  it('gives each cycle of peers every part by its weight', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.nat(0xffffffff),
        fc.nat(1000),
        (weights, seed, cycle) => {
          const network = parseNetwork(weights.map((weight) => `home:${weight}`).join(','))
          const length = weights.reduce((sum, weight) => sum + weight, 0)
          const parts = Array.from({ length }, (_, place) => partOf(network, seed, cycle * length + place))
          for (const [part, weight] of weights.entries())
            assert.equal(parts.filter((one) => one === part).length, weight)
        }
      )
    ))

  it('puts each place of a routine mixture on each part of the network', () => {
    for (const text of ['home,4g', 'home:2,4g:2'])
      for (let seed = 0; seed < 50; seed++) {
        const row = rowOf(text, seed, 80)
        for (const place of [0, 1, 2, 3])
          assert.equal(new Set(row.filter((_, peer) => peer % 4 === place)).size, 2, `${text} ${seed}`)
      }
  })

  it('can put any peer on any part', () => {
    const onSecond = Array<number>(8).fill(0)
    for (let seed = 0; seed < 4000; seed++)
      for (const [place, part] of rowOf('home:6,4g:2', seed, 8).entries()) onSecond[place]! += part
    for (const count of onSecond) assert.ok(Math.abs(count - 1000) < 130, onSecond.join(' '))
  })
})

describe('the engine of a network', () => {
  const table: [string, Engine, peersPerTab: number][] = [
    ['perfect', 'none', 10],
    ['perfect:3', 'none', 10],
    ['lan', 'browser', 1],
    ['down=10mbit', 'browser', 1],
    ['up=10mbit', 'browser', 1],
    ['delay=40ms', 'browser', 10],
    ['perfect,5s:offline', 'browser', 10],
    ['perfect:7,4g:1', 'browser', 1],
    ['home,5s:delay=40ms,jitter=5ms', 'relay', 10],
    ['delay=40ms,reorder=1%', 'relay', 10],
    ['home:5,home:3,20s:partition', 'relay', 10],
    ['loss=2%,burst=100ms', 'relay', 10],
    ['home:3,nat=symmetric:1', 'relay', 10],
    ['home:2,4g:2,1>2:delay=90ms', 'relay', 10]
  ]
  for (const [text, engine, peersPerTab] of table) {
    it(`of ${text} is ${engine}, with ${peersPerTab} peers in a tab`, () =>
      assert.deepEqual([engineOf(parseNetwork(text)), usualPeersPerTab(text)], [engine, peersPerTab]))
  }
})
