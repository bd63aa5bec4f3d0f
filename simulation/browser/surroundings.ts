/** What a library may ask of its surroundings: address, browser, console and storage. */
import type { BrowserPage } from './host'
import { only } from './refusals'

/** The browser that the simulation was compared with. */
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

export function surroundings({ node, url, print, report, refuse }: BrowserPage): Record<string, unknown> {
  // Libraries look at it to find out whether their console has colours.
  const style = only('document.documentElement.style', { WebkitAppearance: '' }, refuse)
  const documentElement = only('document.documentElement', { style }, refuse)
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = new node.URL(url)
  const parts = { href, origin, protocol, host, hostname, port, pathname, search, hash }
  const location = { ...parts, toString: () => href }
  return {
    location,
    origin,
    isSecureContext: true,
    crossOriginIsolated: false,
    navigator: {
      userAgent: USER_AGENT,
      language: 'en-US',
      languages: ['en-US'],
      onLine: true,
      platform: 'Linux x86_64'
    },
    document: {
      readyState: 'complete',
      hidden: false,
      visibilityState: 'visible',
      location,
      URL: href,
      title: '',
      documentElement,
      hasFocus: () => true
    },
    console: consoleOf(node, print),
    reportError: report,
    localStorage: emptyStorage(),
    sessionStorage: emptyStorage(),
    Storage
  }
}

/** Debugging output is quiet in a browser unless someone opens its tools; here it is printed. */
function consoleOf({ inspect }: BrowserPage['node'], print: BrowserPage['print']): Record<string, unknown> {
  const write = (...values: unknown[]) =>
    print(values.map((each) => (typeof each === 'string' ? each : inspect(each))).join(' '))
  const all = (names: string, method: unknown) =>
    Object.fromEntries(names.split(' ').map((name) => [name, method]))
  return {
    ...all('log info warn error debug trace dir table', write),
    ...all('group groupCollapsed groupEnd time timeEnd timeLog count countReset clear', () => undefined),
    assert: (holds: unknown, ...values: unknown[]) => {
      if (!holds) write('Assertion failed:', ...values)
    }
  }
}

/** Storage of one page: pages of a simulation are browsers of different people. Its items are its members. */
class Storage {
  get length(): number {
    return Object.keys(this).length
  }
  key(index: number): string | null {
    return Object.keys(this)[index] ?? null
  }
  getItem(name: unknown): string | null {
    return (Object.getOwnPropertyDescriptor(this, String(name))?.value ?? null) as string | null
  }
  setItem(name: unknown, value: unknown): void {
    const item = { value: String(value), writable: true, enumerable: true, configurable: true }
    Object.defineProperty(this, String(name), item)
  }
  removeItem(name: unknown): void {
    Reflect.deleteProperty(this, String(name))
  }
  clear(): void {
    for (const name of Object.keys(this)) this.removeItem(name)
  }
}

/** `localStorage.name = 5` is an item, too, and so a text. An item `key` does not hide the method. */
function emptyStorage(): Storage {
  return new Proxy(new Storage(), {
    get: (storage, name) =>
      Reflect.get(name in Storage.prototype ? Storage.prototype : storage, name, storage) as unknown,
    set: (storage, name, value) => {
      storage.setItem(name, value)
      return true
    }
  })
}
