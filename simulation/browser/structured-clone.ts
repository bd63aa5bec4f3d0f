/** Structured cloning of values of this realm: Node's own would return objects of another realm. */
import { EventTarget } from '../network/emitter'
import { DOMException } from './dom-exception'

/** What is cloned may be handed over instead of copied, which is not simulated. */
export function refuseTransfer(
  given: readonly unknown[] | { transfer?: readonly unknown[] } | undefined,
  name: string,
  refuse: (name: string) => never
): void {
  const transfer = given && 'transfer' in given ? given.transfer : given
  if (Array.isArray(transfer) && transfer.length > 0) refuse(`${name} with a transfer`)
}

/** https://html.spec.whatwg.org/#structuredserializeinternal; `seen` keeps shared and circular references. */
export function structuredClone(value: unknown, seen = new Map<object, object>()): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || value instanceof EventTarget)
    throw new DOMException(`This ${typeof value} could not be cloned.`, 'DataCloneError')
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known) return known
  const remember = <T extends object>(copy: T): T => {
    seen.set(value, copy)
    return copy
  }
  if (value instanceof Date) return remember(new Date(value))
  if (value instanceof RegExp) return remember(new RegExp(value.source, value.flags))
  if (value instanceof ArrayBuffer) return remember(value.slice(0))
  if (ArrayBuffer.isView(value)) return remember(copyOfView(value, seen))
  if (value instanceof Map) {
    const copy = remember(new Map<unknown, unknown>())
    for (const [key, each] of value) copy.set(structuredClone(key, seen), structuredClone(each, seen))
    return copy
  }
  if (value instanceof Set) {
    const copy = remember(new Set())
    for (const each of value) copy.add(structuredClone(each, seen))
    return copy
  }
  if (value instanceof DOMException) return remember(new DOMException(value.message, value.name))
  if (value instanceof Error) return remember(copyOfError(value))
  if (value instanceof Boolean || value instanceof Number || value instanceof String)
    return remember(Object(value.valueOf()) as object)
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
    throw new DOMException('The object could not be cloned.', 'DataCloneError')
  const copy = remember<object>(Array.isArray(value) ? new Array(value.length) : {})
  // Defined, not set: JSON may have a member called __proto__.
  for (const [name, each] of Object.entries(value))
    Object.defineProperty(copy, name, {
      value: structuredClone(each, seen),
      ...{ writable: true, enumerable: true, configurable: true }
    })
  return copy
}

function copyOfView(view: ArrayBufferView, seen: Map<object, object>): object {
  // Not of a class of the page's own, as in browsers.
  const tags: object = Uint8Array.prototype
  const name = (Reflect.get(tags, Symbol.toStringTag, view) ?? 'DataView') as 'Uint8Array'
  const { buffer, byteOffset, byteLength, length = byteLength } = view as Uint8Array
  return new globalThis[name](structuredClone(buffer, seen) as ArrayBuffer, byteOffset, length)
}

const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }

function copyOfError(error: Error): Error {
  const Kind = (ERRORS as Record<string, ErrorConstructor | undefined>)[error.name] ?? Error
  const copy = new Kind(error.message)
  if (error.stack !== undefined) copy.stack = error.stack
  return copy
}
