/**
 * Denies by default: each name that Chromium has and this browser has not throws, and fails the run even if
 * the page swallows the exception. Otherwise a library that looks for a name would silently take a path that
 * it takes in no browser.
 */
import { Emitter } from '../network/emitter'
import recorded from './chromium-names.json'
import type { BrowserPage, Host } from './host'

/** Names by owner, for example `window` or `Promise.prototype`; the names are separated by spaces. */
const CHROMIUM: Readonly<Record<string, string>> = recorded.names

type Refuse = BrowserPage['refuse']

export function refuserOf(host: Pick<Host, 'refuse'>): Refuse {
  return (name) => {
    const error = new Error(`${name} is not simulated`)
    error.name = 'NotSimulatedError'
    host.refuse(name, error.stack ?? '')
    throw error
  }
}

/** An object of which nothing can be read but what it has. */
export function only(title: string, object: object, refuse: Refuse): object {
  return new Proxy(object, {
    get: (target, name) =>
      name in target || typeof name === 'symbol'
        ? (Reflect.get(target, name) as unknown)
        : refuse(`${title}.${name}`)
  })
}

/**
 * `existing`: names of the global object that may be used. `received`: prototypes of what a page receives and
 * finds among no globals, by owner.
 */
export function refuseTheRest(
  existing: readonly string[],
  received: Readonly<Record<string, object>>,
  refuse: Refuse
): void {
  const chromium = CHROMIUM.window!.split(' ')
  const allowed = new Set(existing)
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    // Node has globals that pages have not, such as SharedArrayBuffer.
    if (!allowed.has(name)) Reflect.deleteProperty(globalThis, name)
  }
  for (const name of chromium) if (!allowed.has(name)) deny(globalThis, name, name, refuse)
  for (const [owner, text] of Object.entries(CHROMIUM)) {
    if (owner === 'window') continue
    const object = received[owner] ?? objectOf(owner)
    if (!object) continue
    for (const name of text.split(' ')) {
      // Also handlers of events that never happen here.
      if (name.startsWith('on') && !(name in object)) {
        if (object instanceof Emitter) Emitter.defineHandler(object, name.slice(2))
        else Object.defineProperty(object, name, { value: null, writable: true })
      }
      if (!(name in object)) deny(object, name, `${owner.replace('.prototype', '')}.${name}`, refuse)
    }
  }
}

/** The object with this path, if it exists: the global object has no accessors for names that do. */
function objectOf(path: string): object | undefined {
  let object: object = globalThis
  for (const name of path.split('.')) {
    const found = Object.getOwnPropertyDescriptor(object, name)
    if (!found || !('value' in found)) return undefined
    object = found.value as object
  }
  return object
}

/** The page may still put something of its own in the place. */
function deny(object: object, name: string, title: string, refuse: Refuse): void {
  Object.defineProperty(object, name, {
    configurable: true,
    get: () => refuse(title),
    set(this: object, value: unknown) {
      if (name.startsWith('on')) refuse(title)
      Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true })
    }
  })
}
