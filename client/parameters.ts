/** The page's address parameters: text in, one typed value out, or one line for each thing that is wrong. */
import { ID_PATTERN, LIMITS } from '../protocol/limits'
import type { PageParameter } from '../protocol/page'
import { MESSAGE_TYPES, type MessageTypes } from './peer-libraries/message-types'
import { parseMixture, type Mixture } from './mixture'

export interface Parameters {
  testId?: string
  statsServerUrl: string
  lighthouseUrl: string
  numberOfPeers: number
  firstPeerNumber: number
  /** Seconds; a duration of the test itself takes precedence. */
  testDuration: number
  /** ms. */
  statsSubmitInterval: number
  /** ms; off where absent. */
  pingInterval?: number
  peerIdLength: number
  sessionId?: string
  routine: Mixture
  messageTypes: MessageTypes
  /** Absent: the test's, or a random one where there is no test. */
  seed?: number
  library: 'layers' | 'islands'
  peerConfig: Record<string, unknown>
  mesh: 'usual' | 'full'
  meshPeers: number
  iceServers: object[]
  runnerId?: string
  tabNumber: number
  token?: string
}

/** What is wrong with the address, one line a parameter. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError'
}

/** Parses `location.search` and `location.hash`. Throws ParameterError. */
export function parseParameters(search: string, hash: string): Parameters {
  const query = new URLSearchParams(search)
  const errors: string[] = []
  const read = <T>(name: PageParameter, parse: (text: string) => T, absent: T): T => {
    const text = query.get(name)
    if (text === null || text === '') return absent
    try {
      return parse(text)
    } catch (error) {
      errors.push(`${name} ${(error as Error).message}, not ${quote(text)}`)
      return absent
    }
  }
  for (const name of new Set(query.keys())) {
    if (!(name in KNOWN))
      errors.push(`${quote(name)} is no parameter; there are ${Object.keys(KNOWN).join(', ')}`)
  }

  const numberOfPeers = read('numberOfPeers', wholeNumber(1, 500), 1)
  const parameters: Parameters = {
    statsServerUrl: read('statsServerUrl', httpUrl, 'http://localhost:9904'),
    lighthouseUrl: read('lighthouseUrl', httpUrl, 'http://localhost:9000'),
    numberOfPeers,
    firstPeerNumber: read('firstPeerNumber', wholeNumber(0, LIMITS.peersPerTest), randomBelow(2 ** 31)),
    testDuration: read('testDuration', positiveNumber(LIMITS.durationSeconds), 180),
    statsSubmitInterval: read('statsSubmitInterval', wholeNumber(100, 600_000), 2000),
    peerIdLength: read('peerIdLength', wholeNumber(10, 64), 42),
    routine: read('routine', parseMixture, parseMixture('stand')),
    messageTypes: read('messageTypes', oneOf(MESSAGE_TYPES), 'faithful'),
    library: read('library', oneOf(['layers', 'islands'] as const), 'layers'),
    peerConfig: read('peerConfig', jsonObject, {}),
    mesh: read('mesh', oneOf(['usual', 'full'] as const), 'usual'),
    meshPeers: read('meshPeers', wholeNumber(2, 100), numberOfPeers),
    iceServers: read('iceServers', jsonObjects, []),
    tabNumber: read('tabNumber', wholeNumber(0, 1_000_000), 0),
    ...optional('testId', read('testId', id, undefined)),
    ...optional('pingInterval', read('pingInterval', wholeNumber(100, 600_000), undefined)),
    ...optional('sessionId', read('sessionId', id, undefined)),
    ...optional('seed', read('seed', wholeNumber(0, 0xffffffff), undefined)),
    ...optional('runnerId', read('runnerId', id, undefined)),
    ...optional('token', new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? undefined)
  }
  if (errors.length > 0) throw new ParameterError(`Wrong address: ${errors.join('; ')}`)
  return parameters
}

/** The names, so that the compiler notices when the contract gets another one. */
const KNOWN: Record<PageParameter, true> = {
  testId: true,
  statsServerUrl: true,
  lighthouseUrl: true,
  numberOfPeers: true,
  firstPeerNumber: true,
  testDuration: true,
  statsSubmitInterval: true,
  pingInterval: true,
  peerIdLength: true,
  sessionId: true,
  routine: true,
  messageTypes: true,
  seed: true,
  library: true,
  peerConfig: true,
  mesh: true,
  meshPeers: true,
  iceServers: true,
  runnerId: true,
  tabNumber: true
}

function optional<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

export function randomBelow(limit: number): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % limit
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`)
    }
    return number
  }
}

function positiveNumber(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (!/^\d+(\.\d+)?$/.test(text) || !(number > 0 && number <= most)) {
      throw new Error(`must be a number above 0, up to ${most}`)
    }
    return number
  }
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text)
    if (value === undefined) throw new Error(`must be ${values.join(' or ')}`)
    return value
  }
}

function id(text: string): string {
  if (!ID_PATTERN.test(text)) throw new Error('must be 1 to 64 letters, digits, "_" or "-"')
  return text
}

/** Kept as it is written: peers refuse each other unless their Lighthouse's address is the identical text. */
function httpUrl(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : undefined
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error('must be an address like http://HOST:PORT')
  }
  return text
}

function jsonObject(text: string): Record<string, unknown> {
  const value = json(text)
  if (!isObject(value)) throw new Error('must be a JSON object')
  return value
}

function jsonObjects(text: string): object[] {
  const value = json(text)
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new Error('must be a JSON array of objects, like [{"urls":"stun:stun.example.org"}]')
  }
  return value
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('must be JSON')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
