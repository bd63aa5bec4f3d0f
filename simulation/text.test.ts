import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFault, parseFault } from './fault-text'
import { pagesOf } from './world/pages'

describe('a fault', () => {
  for (const text of ['death@20s:3', 'partition@2.5s-30s:4', 'lighthouse@20s-30s']) {
    it(`may be ${text}`, () => {
      assert.equal(formatFault(parseFault(text)), text)
    })
  }
  for (const text of [
    '',
    'death@20s',
    'death@20s-30s:1',
    'partition@30s-20s:4',
    'partition@20s-30s',
    'fire@3s:1'
  ]) {
    it(`may not be "${text}"`, () => {
      assert.throws(() => parseFault(text), /is not a fault: write death@20s:3/)
    })
  }
})

describe('peers', () => {
  const build = (text: string, weight: number) => ({
    text,
    weight,
    library: 'layers' as const,
    code: '',
    browser: ''
  })
  const cases = [
    { peers: 10, perPage: 10, weights: [1], expected: ['0+10 A'] },
    { peers: 10, perPage: 4, weights: [1], expected: ['0+4 A', '4+4 A', '8+2 A'] },
    { peers: 10, perPage: 10, weights: [1, 1], expected: ['0+5 A', '5+5 B'] },
    { peers: 10, perPage: 4, weights: [50, 150], expected: ['0+3 A', '3+4 B', '7+3 B'] }
  ]
  for (const { peers, perPage, weights, expected } of cases) {
    it(`are spread as ${expected.join(', ')}`, () => {
      const [first, ...others] = weights.map((weight, index) => build('AB'[index]!, weight))
      const pages = pagesOf({ peers, peersPerPage: perPage, builds: [first!, ...others] })
      assert.deepEqual(
        pages.map((page) => `${page.first}+${page.count} ${page.build.text}`),
        expected
      )
    })
  }
})
