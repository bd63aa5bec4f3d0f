/**
 * The browser that a page finds in virtual time: everything that exists is listed here. Whatever else
 * Chromium has throws and fails the run (refusals.ts); what Chromium does not have is absent.
 */
import { sortAsChromium } from '../world/browser-sort'
import { webRtcOf } from '../network/web-rtc'
import { SctpTransport } from '../network/sctp-transport'
import { STATS } from '../network/stats'
import { EventTarget, MessageEvent, SimEvent, uncaught } from '../network/emitter'
import { webSocketOf } from '../network/socket'
import { fetchOf } from '../network/http'
import { Headers, Response } from '../network/response'
import { abortOf } from './abort'
import { calendarOf } from './calendar'
import { cryptoOf } from './crypto'
import { DOMException } from './dom-exception'
import { encodings } from './encodings'
import type { Host } from './host'
import { messageChannelOf } from './message-channel'
import { performanceOf } from './performance'
import { refuserOf, refuseTheRest } from './refusals'
import { refuseTransfer, structuredClone } from './structured-clone'
import { surroundings } from './surroundings'
import { timersOf } from './timers-of-page'

/**
 * The names of ECMAScript. Missing on purpose: threads (Atomics, SharedArrayBuffer), real time (Temporal),
 * and what depends on garbage collection (WeakRef, FinalizationRegistry).
 */
const ECMASCRIPT = (
  'AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError ' +
  'Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl JSON Map Math NaN Number ' +
  'Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError ' +
  'Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet WebAssembly decodeURI decodeURIComponent encodeURI ' +
  'encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape'
).split(' ')

/** WebAssembly's own threads compile in real time. */
const ASYNCHRONOUS = ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming']

/** What a page receives and cannot construct. */
const RECEIVED = {
  'Headers.prototype': Headers.prototype,
  'Iterator.prototype': Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object,
  'Response.prototype': Response.prototype,
  'RTCSctpTransport.prototype': SctpTransport.prototype,
  ...STATS
}

/** Fills this realm's global object. Returns the names that exist. */
export function openBrowser(host: Host): string[] {
  sortAsChromium()
  Math.random = () => host.random.number()
  for (const name of ASYNCHRONOUS) Reflect.deleteProperty(WebAssembly, name)
  const page = { ...host, refuse: refuserOf(host) }
  const { thread, random, refuse } = page
  uncaught.report = page.report
  const web: Record<string, unknown> = {
    ...calendarOf(() => thread.time.now),
    ...timersOf(page),
    ...abortOf(page),
    ...messageChannelOf(page),
    ...encodings(page),
    ...surroundings(page),
    ...webRtcOf({ ...page, copy: (bytes) => new Uint8Array(bytes) }),
    performance: performanceOf(() => thread.time.now, refuse),
    crypto: cryptoOf(random),
    WebSocket: webSocketOf(page),
    fetch: fetchOf(page),
    structuredClone: (value: unknown, options?: { transfer?: unknown[] }) => {
      refuseTransfer(options, 'structuredClone()', refuse)
      return structuredClone(value)
    },
    DOMException,
    Event: SimEvent,
    EventTarget,
    MessageEvent
  }
  for (const name of ['window', 'self', 'frames', 'parent', 'top']) web[name] = globalThis
  for (const [name, value] of Object.entries(web)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true })
    const { prototype } = Object(value) as { prototype?: object }
    if (!prototype) continue
    // As libraries ask for what an object is.
    Object.defineProperty(value, 'name', { value: name })
    Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true })
  }
  const names = [...new Set([...ECMASCRIPT, ...Object.keys(web)])]
  refuseTheRest(names, RECEIVED, refuse)
  return names
}
