/**
 * Addresses and encodings. Node's classes do the work; the page gets classes of its own realm, and values
 * that are instances of them.
 */
import { DOMException } from './dom-exception'
import type { Host } from './host'

const URL_PARTS = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash'
] as const

/** As browsers do with arguments: an address may be a URL. */
function textOf(value: unknown): string {
  return String(value as number)
}

/** Runs code of another realm, so that its errors are of this one. */
function here<T>(action: () => T, errorOf = (text: string): Error => new TypeError(text)): T {
  try {
    return action()
  } catch (error) {
    throw errorOf((error as Error).message)
  }
}

export function encodings({ node }: Pick<Host, 'node'>): Record<string, unknown> {
  const invalid = (text: string) => new DOMException(text, 'InvalidCharacterError')
  return {
    ...addressesOf(node),
    ...textsOf(node),
    atob: (text: unknown) => here(() => node.atob(textOf(text)), invalid),
    btoa: (text: unknown) => here(() => node.btoa(textOf(text)), invalid)
  }
}

function addressesOf(node: Host['node']): Record<string, unknown> {
  class URLSearchParams {
    readonly #all: InstanceType<typeof node.URLSearchParams>

    constructor(init: unknown = '') {
      const copy = () =>
        new node.URLSearchParams(typeof init === 'object' && init !== null ? pairsOf(init) : textOf(init))
      this.#all = init instanceof node.URLSearchParams ? init : here(copy)
    }
    get size(): number {
      return this.#all.size
    }
    get(name: unknown): string | null {
      return this.#all.get(textOf(name))
    }
    getAll(name: unknown): string[] {
      return Array.from(this.#all.getAll(textOf(name)))
    }
    has(name: unknown, value?: unknown): boolean {
      return this.#all.has(textOf(name), value === undefined ? undefined : textOf(value))
    }
    append(name: unknown, value: unknown): void {
      this.#all.append(textOf(name), textOf(value))
    }
    set(name: unknown, value: unknown): void {
      this.#all.set(textOf(name), textOf(value))
    }
    delete(name: unknown, value?: unknown): void {
      this.#all.delete(textOf(name), value === undefined ? undefined : textOf(value))
    }
    sort(): void {
      this.#all.sort()
    }
    forEach(callback: (value: string, name: string, all: URLSearchParams) => void): void {
      for (const [name, value] of this) callback(value, name, this)
    }
    *entries(): Generator<[string, string]> {
      for (const [name, value] of this.#all) yield [name, value]
    }
    *keys(): Generator<string> {
      for (const [name] of this.#all) yield name
    }
    *values(): Generator<string> {
      for (const [, value] of this.#all) yield value
    }
    [Symbol.iterator](): Generator<[string, string]> {
      return this.entries()
    }
    toString(): string {
      return this.#all.toString()
    }
  }

  class URL {
    readonly #url: InstanceType<typeof node.URL>
    readonly searchParams: URLSearchParams

    constructor(url: unknown, base?: unknown) {
      const [text, from] = [textOf(url), base === undefined ? undefined : textOf(base)]
      this.#url = here(() => new node.URL(text, from))
      this.searchParams = new URLSearchParams(this.#url.searchParams)
    }
    get origin(): string {
      return this.#url.origin
    }
    toString(): string {
      return this.#url.href
    }
    toJSON(): string {
      return this.#url.href
    }
    static canParse(url: unknown, base?: unknown): boolean {
      return node.URL.canParse(textOf(url), base === undefined ? undefined : textOf(base))
    }
    static {
      for (const part of URL_PARTS) {
        Object.defineProperty(this.prototype, part, {
          configurable: true,
          enumerable: true,
          get(this: URL) {
            return this.#url[part]
          },
          set(this: URL, value: unknown) {
            here(() => (this.#url[part] = textOf(value)))
          }
        })
      }
    }
  }
  return { URL, URLSearchParams }
}

function pairsOf(init: object): [string, string][] {
  const pairs = Symbol.iterator in init ? [...(init as Iterable<[string, string]>)] : Object.entries(init)
  return pairs.map(([name, value]) => [textOf(name), textOf(value)])
}

function textsOf(node: Host['node']): Record<string, unknown> {
  const encoder = new node.TextEncoder()
  class TextEncoder {
    readonly encoding = 'utf-8'
    encode(text: unknown = ''): Uint8Array {
      return new Uint8Array(encoder.encode(textOf(text)))
    }
    encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
      const { read, written } = encoder.encodeInto(text, target)
      return { read, written }
    }
  }

  class TextDecoder {
    readonly #decoder: InstanceType<typeof node.TextDecoder>
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false }: TextDecoderOptions = {}) {
      this.#decoder = here(
        () => new node.TextDecoder(label, { fatal, ignoreBOM }),
        (text) => new RangeError(text)
      )
    }
    get encoding(): string {
      return this.#decoder.encoding
    }
    get fatal(): boolean {
      return this.#decoder.fatal
    }
    get ignoreBOM(): boolean {
      return this.#decoder.ignoreBOM
    }
    decode(input?: BufferSource, { stream = false }: TextDecodeOptions = {}): string {
      return here(() => this.#decoder.decode(input, { stream }))
    }
  }
  return { TextEncoder, TextDecoder }
}
