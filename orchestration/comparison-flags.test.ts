import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planOf as compareFrom, program as compare } from '../commands/compare'
import { planOf as historyFrom, program as history } from '../commands/history'
import { contradictionsOf, elsewhereOf } from './comparison-flags'
import type { Plan } from './plan'

const RESUME = ['--resume', 'x']
const LOCAL = { image: 'catalyst-peer/client' }
const OWN_IMAGE = ['--image', 'registry/own']

describe('a comparison that goes on', () => {
  const CASES: [says: string, first: string[] | undefined, now: string[], expected: object][] = [
    ['as at first', [...OWN_IMAGE, '--on', 'compose'], RESUME, { image: 'registry/own', on: 'compose' }],
    ['as said now', OWN_IMAGE, [...RESUME, '--image', 'other'], { image: 'other' }],
    ['in the usual image again', OWN_IMAGE, [...RESUME, '--image=catalyst-peer/client'], LOCAL],
    [
      'as said now, if the first call was not kept',
      undefined,
      [...RESUME, '--on', 'compose'],
      { on: 'compose' }
    ]
  ]
  for (const program of [compare, history])
    for (const [says, argv, now, expected] of CASES)
      it(`runs its other parts where they ran, or where it is told to: ${program.name()}, ${says}`, () => {
        const plan = { ...(argv && { argv }) } as Plan
        program.parse(now, { from: 'user' })
        assert.deepEqual(contradictionsOf(program, plan), [])
        for (let part = 0; part < 2; part++) assert.deepEqual(elsewhereOf(program, plan, now), expected)
      })
})

it('a comparison that goes on may print another format than at first', () => {
  const plan = { argv: ['--on=compose', '--json'] } as Plan
  const now = [...RESUME, '--format=junit']
  compare.exitOverride().configureOutput({ outputError: () => undefined })
  compare.parse(now, { from: 'user' })
  assert.deepEqual(contradictionsOf(compare, plan), [])
  assert.deepEqual(elsewhereOf(compare, plan, now), { on: 'compose' })
})

it('a comparison that goes on is told which flags differ from the first call, as they are typed', () => {
  const changed = [
    ...['--peers', '6', '--secondary', 'delivery.position,delivery.all'],
    ...['--peer-config', '{"maxConnections":5}', '--ice-servers', '[{"urls":"turn:x"}]']
  ]
  const switches = ['--allow-unknown-options', '--no-side-by-side']
  compare.parse([...RESUME, ...changed, ...switches], { from: 'user' })
  const told = contradictionsOf(compare, { argv: ['--peer-config', '{"maxConnections":4}'] })
  const flags = Array.from({ length: changed.length / 2 }, (_, at) => changed.slice(2 * at, 2 * at + 2))
  assert.deepEqual(told.toSorted(), [...flags.map((flag) => flag.join(' ')), ...switches].toSorted())
})

it('a margin may be 0: what differs is better or worse, and nothing the same', () => {
  assert.equal(compare.parse(['--margin', '0'], { from: 'user' }).opts().margin, 0)
})

const TURN = ['--turn', 'only', '--ice-servers', '[{"urls":"turn:x"}]']
const OF_BROWSERS = [
  ...[['--on', 'compose'], TURN, TURN.slice(2)],
  ...[
    ['--lighthouse-url', 'http://a'],
    ['--results-server-url', 'http://a']
  ]
]
const REFUSED: [what: string, flags: string[], option: string, message: RegExp][] = [
  ['TURN without a server', ['--turn', 'only'], '', /^TURN is "only", but ICE_SERVERS names no TURN server/],
  [
    'TURN on a network of one build that takes the relay',
    TURN,
    '?network=jitter=2ms',
    /^TURN is .* takes the relay/
  ],
  [
    'an outage after the end of the runs',
    ['--engine', 'simulation', '--network', 'home,40s:offline,45s:home'],
    '',
    /^--duration \d+ ends before home,40s:offline,45s:home changes: use a longer one, or another --network$/
  ],
  ...OF_BROWSERS.map((flags): [string, string[], string, RegExp] => [
    `${flags[0]!} in virtual time`,
    ['--engine', 'simulation', ...flags],
    '',
    new RegExp(`^${flags[0]!} is for browsers: leave it out, or use --engine browser$`)
  ])
]
for (const { name, program, planOf } of [
  { name: 'compare', program: compare, planOf: compareFrom },
  { name: 'history', program: history, planOf: historyFrom }
])
  for (const [what, args, option, message] of REFUSED)
    it(`${name} refuses ${what} before anything starts`, async () => {
      const builds =
        name === 'compare'
          ? ['--baseline=layers', `--candidate=islands${option}`]
          : [`--library=layers,islands${option}`]
      program.parse([...builds, ...args], { from: 'user' })
      const flags = Object.assign(program.opts<never>(), { argv: [] })
      const plan = async () => planOf(flags, new AbortController().signal)
      await assert.rejects(plan, { name: 'UserError', message })
    })

it('compare refuses an outage of one build after the end of the runs', async () => {
  const builds = ['--baseline=layers', '--candidate=layers?network=home,30s:offline', '--duration=30']
  const flags = Object.assign(compare.parse(builds, { from: 'user' }).opts<never>(), { argv: [] })
  const plan = compareFrom(flags, new AbortController().signal)
  await assert.rejects(plan, { message: /^--duration 30 ends before home,30s:offline changes/ })
})
