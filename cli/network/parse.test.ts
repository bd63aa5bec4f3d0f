import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFigure, formatLink } from './figures'
import { PERFECT, PROFILES, type Link, type Nat, type Path } from './link'
import type { Network, Override, Part, Step } from './network'
import { parseNetwork } from './parse'

/** Formats a network as text that parses to the same parts. */
function formatNetwork({ parts, overrides }: Network): string {
  const pairs = overrides.map(({ from, to, figures }) => {
    const texts = Object.entries(figures).map(([name, value]) => formatFigure(name as keyof Path, value))
    return `${from + 1}>${to + 1}:${texts.join(',')}`
  })
  const texts = parts.map(({ weight, steps }) => {
    const [first, ...others] = steps
    const mixed = parts.length > 1 || weight > 1
    return [
      mixed ? `${first.text}:${weight}` : first.text,
      ...others.map(({ at, text }) => `${at}ms:${text}`)
    ].join(',')
  })
  return [...texts, ...pairs].join(',')
}

/** Summarises the parts: their weight, and each step's time, text and reach. */
function shortened(text: string): string[] {
  return parseNetwork(text).parts.map(({ weight, steps }) =>
    [weight, ...steps.map(({ at, text, reach }) => `${at} ${text} ${reach}`)].join('; ')
  )
}

describe('the text of a network', () => {
  const table: [text: string, ...parts: string[]][] = [
    ['home', '1; 0 home everyone'],
    ['home:6,4g:2', '6; 0 home everyone', '2; 0 4g everyone'],
    ['4g,3g', '1; 0 4g everyone', '1; 0 3g everyone'],
    ['home,20s:offline,25s:home', '1; 0 home everyone; 20000 offline nobody; 25000 home everyone'],
    ['delay=40ms,loss=1%', '1; 0 delay=40ms,loss=1% everyone'],
    ['delay=0s', '1; 0 delay=0ms everyone'],
    ['delay=0.04s, loss=1.5%, up=2000kbit', '1; 0 delay=40ms,loss=1.5%,up=2mbit everyone'],
    ['delay=40ms,loss=1%:6,4g:2', '6; 0 delay=40ms,loss=1% everyone', '2; 0 4g everyone'],
    ['delay=40ms:6,delay=90ms:2', '6; 0 delay=40ms everyone', '2; 0 delay=90ms everyone'],
    ['4g,delay=40ms,loss=1%', '1; 0 4g everyone', '1; 0 delay=40ms,loss=1% everyone'],
    [
      'home,1m:delay=300ms,loss=5%,90s:home',
      '1; 0 home everyone; 60000 delay=300ms,loss=5% everyone; 90000 home everyone'
    ],
    [
      'home:5,home:3,20s:partition,30s:home',
      '5; 0 home everyone',
      '3; 0 home everyone; 20000 partition own part; 30000 home everyone'
    ],
    ['home:5,500ms:offline,4g:3', '5; 0 home everyone; 500 offline nobody', '3; 0 4g everyone']
  ]
  for (const [text, ...parts] of table) {
    it(`reads ${text}`, () => assert.deepEqual(shortened(text), parts))
  }

  it('reads the paths of pairs of parts, one way each', () => {
    const { parts, overrides } = parseNetwork('home:4,lan:4,1>2:delay=90ms,loss=1%,2>2:delay=2ms')
    assert.equal(parts.length, 2)
    assert.deepEqual(overrides, [
      { from: 0, to: 1, figures: { delay: 90, loss: 0.01 } },
      { from: 1, to: 1, figures: { delay: 2 } }
    ])
  })

  it('reads bursts of a pair whose lines lose packets, even if only later', () => {
    for (const text of ['loss=1%:2,lan:2,1>2:burst=9ms', 'lan:2,lan:2,20s:loss=1%,1>2:burst=9ms'])
      assert.deepEqual(parseNetwork(text).overrides[0]?.figures, { burst: 9 })
  })

  it('keeps the previous line during an outage', () => {
    const [, outage] = parseNetwork('3g,20s:offline').parts[0].steps
    assert.deepEqual(outage?.link, PROFILES['3g'])
  })

  const mistakes: [text: string, says: RegExp][] = [
    ['', /unknown network "": there are perfect, lan, home/],
    ['hoem', /unknown network "hoem": did you mean home\?/],
    ['4G', /did you mean 4g/],
    ['toString', /unknown network "toString"/],
    ['home,20s:ofline', /unknown network "ofline": did you mean offline\?/],
    ['home,20:offline', /unknown network "20"/],
    ['offline', /needs a time and a network before it, like home,20s:offline/],
    ['home,offline', /needs a time and a network before it/],
    ['20s:offline', /no network before it: write how the test begins first, like home,20s:offline/],
    ['home,20s:4g,10s:home', /times of a script must rise: "10s:home" does not come after 20s/],
    ['home,0s:4g', /must rise/],
    ['home,999999m:4g', /later than any test/],
    ['home,20s:partition,30s:home', /there is only one: write home:5,home:3,20s:partition/],
    ['home:0', /a weight is a whole number from 1 to 10000, not "0"/],
    ['home:', /a weight is a whole number/],
    ['home:x', /a weight is a whole number/],
    ['home:10001', /a weight is a whole number/],
    ['home:6,,4g:2', /unknown network ""/],
    ['delya=40ms', /unknown figure "delya": did you mean delay\?/],
    ['=40ms', /unknown figure ""/],
    ['delay=40', /delay must be a time like 40ms or 0\.3s, up to 10s, not "40"/],
    ['delay=-4ms', /delay must be a time/],
    ['delay=11s', /up to 10s/],
    ['loss=0.01', /loss must be a share like 1%, up to 90%/],
    ['loss=100%', /up to 90%/],
    ['down=10', /down must be a rate like 10mbit/],
    ['down=1kbit', /from 8kbit to/],
    ['delay=4ms,delay=5ms', /delay is given twice: end the first link by a weight/],
    ['home,20s:delay=4ms:2', /a weight belongs to the first link of a script/],
    ['home,20s:delay=4ms,loss=1%:2', /^"loss=1%:2": a weight belongs to the first link of a script/],
    ['home,20s:offline:2', /^"offline:2": a weight belongs to the first link of a script/],
    ['burst=100ms', /burst needs a loss, like loss=2%,burst=100ms/],
    ['lan:2,lan:2,1>2:burst=100ms', /burst needs a loss, like loss=2%,burst=100ms/],
    ['loss=1%:1,loss=1%:1,1>2:loss=0%,burst=100ms', /burst needs a loss/],
    ['loss=1%,burst=1', /burst must be a time/],
    ['nat=cone', /nat must be one of open, restricted, symmetric, not "cone"/],
    ['home,5s:nat=open', /nat belongs to the first link of a script/],
    ['home,1>2:delay=4ms', /"1>2" names parts of the network, counted from 1, and there is 1 before it/],
    ['home:1,4g:1,0>1:delay=4ms', /counted from 1, and there are 2 before it/],
    ['1>1:delay=4ms', /there are 0 before it/],
    ['home,1>1:up=1mbit', /up belongs to a peer's line, not to the pair 1>1/],
    ['home,1>1:delay=1ms,1>1:loss=1%', /the pair 1>1 is given twice/],
    ['home,1>1:4g', /a pair takes figures, like 1>1:delay=90ms,loss=1%/],
    ['home,1>1:delay=4ms:2', /a pair takes figures/],
    ['home,1>1:delay=4ms,4g', /"4g" comes after a pair of parts: write the pairs last/],
    ['home,1>1:delay=4ms,9s:4g', /"9s:4g" comes after a pair/],
    ['home,'.repeat(300), /at most 1000 characters/]
  ]
  for (const [text, says] of mistakes) {
    it(`refuses "${text.slice(0, 40)}" in one line`, () =>
      assert.throws(
        () => parseNetwork(text),
        (error: Error) => says.test(error.message) && !error.message.includes('\n')
      ))
  }

  const path = {
    delay: fc.integer({ min: 0, max: 10_000 }),
    jitter: fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10),
    loss: fc.integer({ min: 1, max: 900 }).map((tenths) => Number((tenths / 1000).toFixed(3))),
    burst: fc.integer({ min: 0, max: 1000 }),
    reorder: fc.integer({ min: 0, max: 90 }).map((percent) => percent / 100)
  }
  const link: fc.Arbitrary<Link> = fc
    .record({
      ...path,
      down: fc.integer({ min: 8, max: 1e7 }).map((kbit) => kbit * 1000),
      up: fc.oneof(
        fc.constant(Infinity),
        fc.integer({ min: 8, max: 1e7 }).map((kbit) => kbit * 1000)
      )
    })
    .map((figures) => ({ ...PERFECT, ...figures }))
  const named = fc
    .constantFrom(...Object.entries(PROFILES))
    .map(([text, link]) => ({ text, link, reach: 'everyone' as const }))
  const own = link.map((link) => ({ text: formatLink(link), link, reach: 'everyone' as const }))
  const cutOff = fc.constantFrom(
    { text: 'offline', reach: 'nobody' as const },
    { text: 'partition', reach: 'own part' as const }
  )
  const pairOf = (parts: number): fc.Arbitrary<Override> =>
    fc.record(
      {
        from: fc.nat(parts - 1),
        to: fc.nat(parts - 1),
        figures: fc
          .record(path, { requiredKeys: [], noNullPrototype: true })
          .filter((figures: Partial<Path>) => Object.keys(figures).length > 0)
          // A burst needs a loss, which the lines may not have.
          .filter(({ burst, loss }: Partial<Path>) => !burst || loss !== undefined)
      },
      { noNullPrototype: true }
    )
  /**
   * A script's last step always has a name: otherwise, the figures of the next part would be read as part of
   * it.
   */
  const part = fc
    .record({
      nat: fc.constantFrom<Nat>('open', 'restricted', 'symmetric'),
      weight: fc.integer({ min: 1, max: 10_000 }),
      first: fc.oneof(named, own),
      others: fc.array(fc.oneof(named, own, cutOff), { maxLength: 4 }),
      last: fc.option(fc.oneof(named, cutOff), { nil: undefined }),
      pauses: fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 5, maxLength: 5 })
    })
    .map(({ nat, weight, first, others, last, pauses }): Part => {
      const link = { ...first.link, nat }
      const begin = first.text in PROFILES ? first : { ...first, link, text: formatLink(link) }
      const steps: [Step, ...Step[]] = [{ at: 0, ...begin }]
      for (const [index, step] of (last ? [...others, last] : []).entries()) {
        const before = steps.at(-1)!
        steps.push({ link: before.link, ...step, at: before.at + pauses[index]! })
      }
      return { weight, steps }
    })

  it('survives a round trip through its text', () =>
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }).chain((parts) =>
          fc.tuple(
            fc.constant(parts as [Part, ...Part[]]),
            fc.uniqueArray(pairOf(parts.length), {
              maxLength: 3,
              selector: ({ from, to }) => `${from}>${to}`
            })
          )
        ),
        ([parts, overrides]) => {
          const text = formatNetwork({ parts, overrides })
          fc.pre(text.length <= 1000)
          fc.pre(parts.length > 1 || parts[0].steps.every(({ reach }) => reach !== 'own part'))
          const { parts: parsed, overrides: pairs } = parseNetwork(text)
          assert.deepEqual(parsed, parts)
          assert.deepEqual(pairs, overrides)
        }
      )
    ))

  it('is parsed or refused by an Error, whatever the text', () => {
    const word = fc.constantFrom(
      ...Object.keys(PROFILES),
      ...[
        'offline',
        '20s:',
        '5ms:',
        ':3',
        ',',
        '=',
        'delay=4ms',
        'loss=1%',
        '1>2:',
        '1>1:',
        'nat=',
        'burst=9ms'
      ]
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(''))
        ),
        (text) => {
          try {
            parseNetwork(text)
          } catch (error) {
            assert.equal((error as Error).constructor, Error)
          }
        }
      )
    )
  })
})
