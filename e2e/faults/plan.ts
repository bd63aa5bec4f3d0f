/**
 * A round's plan, drawn from the campaign's seed and the round's number. The same two numbers always give the
 * same plan.
 */
import { seededRandom } from '../../analysis/statistics/random'
import type { DiskFaults } from './disk-faults'
import type { InfluxMode } from './lying-influx'

export type Fault =
  | { kind: 'kill' }
  | { kind: 'kill-and-two-servers' }
  /** Kills the next server while it starts. */
  | { kind: 'kill-in-start'; after: number }
  /** Kills the server during the next finish or deletion. */
  | { kind: 'kill-in-end'; after: number }
  /** The process can open no more files or connections. */
  | { kind: 'no-descriptors'; ms: number }
  /** It must be refused, also while the first one is suspended. */
  | { kind: 'second-server'; whileFrozen: boolean }
  /** Between a kill and the restart, a byte of a running test's journal changes. */
  | { kind: 'changed-byte'; where: number }
  | { kind: 'freeze'; ms: number }
  | { kind: 'disk'; disk: DiskFaults; ms: number }
  | { kind: 'influx'; mode: InfluxMode; ms: number }
  | { kind: 'stalled-reader' }
  | { kind: 'vanished-file' }

export interface TimedFault {
  /** ms after the clients start. */
  at: number
  fault: Fault
}

export interface Plan {
  /** How long clients work, in ms. */
  length: number
  faults: TimedFault[]
  relays: boolean
  durability: 'fsync' | 'write'
  /** The server's log is on a full disk. */
  logIsFull: boolean
  diskSeed: number
  /** Random numbers for the clients' actions. */
  uniform: () => number
}

export function drawPlan(seed: number, round: number): Plan {
  // Golden-ratio steps make the random streams of consecutive rounds independent.
  const random = seededRandom((Math.imul(round + 1, 0x9e3779b1) ^ seed) >>> 0)
  const uniform = () => random.uniform()
  const between = (low: number, high: number) => low + uniform() * (high - low)
  const chance = (probability: number) => uniform() < probability
  const relays = chance(0.5)
  const length = between(1_200, 2_500)
  const draws: [weight: number, draw: () => Fault][] = [
    [5, () => ({ kind: 'kill' })],
    [1, () => ({ kind: 'kill-and-two-servers' })],
    [2, () => ({ kind: 'kill-in-start', after: between(0, 600) })],
    [2, () => ({ kind: 'kill-in-end', after: between(0, 60) })],
    [2, () => ({ kind: 'no-descriptors', ms: between(500, 2_500) })],
    [1, () => ({ kind: 'second-server', whileFrozen: chance(0.5) })],
    [2, () => ({ kind: 'changed-byte', where: uniform() })],
    [2, () => ({ kind: 'freeze', ms: between(100, 2_500) })],
    [3, () => ({ kind: 'disk', disk: { full: true }, ms: between(100, 1_500) })],
    [3, () => ({ kind: 'disk', disk: { failing: between(0.02, 0.5) }, ms: between(100, 1_500) })],
    [1, () => ({ kind: 'disk', disk: { slow: between(20, 300) }, ms: between(200, 1_500) })],
    [4, () => ({ kind: 'disk', disk: { stalled: between(300, 950) }, ms: between(2_500, 5_000) })],
    [1, () => ({ kind: 'stalled-reader' })],
    [1, () => ({ kind: 'vanished-file' })],
    ...(relays
      ? [[4, () => ({ kind: 'influx', mode: drawMode(uniform), ms: between(200, 2_000) })] as const]
      : [])
  ] as [number, () => Fault][]
  const faults = Array.from({ length: 1 + Math.floor(uniform() * 4) }, () => ({
    at: between(100, length),
    fault: pick(draws, uniform)()
  }))
  return {
    length,
    faults: faults.sort((a, b) => a.at - b.at),
    relays,
    durability: chance(0.5) ? 'fsync' : 'write',
    logIsFull: chance(0.2),
    diskSeed: Math.floor(uniform() * 2 ** 31),
    uniform
  }
}

const MODES: InfluxMode[] = [
  'html-400',
  'gateway-400',
  'portal-200',
  'error-500',
  'unauthorized',
  'reset',
  'lost-answer',
  'hang',
  'slow'
]
const drawMode = (uniform: () => number): InfluxMode => MODES[Math.floor(uniform() * MODES.length)]!

function pick<T>(weighted: [weight: number, value: T][], uniform: () => number): T {
  let left = uniform() * weighted.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, value] of weighted) if ((left -= weight) < 0) return value
  return weighted.at(-1)![1]
}

/** A short name for a table. */
export function nameOf(fault: Fault): string {
  if (fault.kind === 'influx') return `InfluxDB ${fault.mode}`
  if (fault.kind === 'disk') return `disk ${Object.keys(fault.disk).join()}`
  return fault.kind
}
