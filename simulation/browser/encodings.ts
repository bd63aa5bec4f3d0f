/**
 * Addresses and encodings. Node's classes do the work; the page gets classes of its own realm, and values
 * that are instances of them.
 */
import { delegate } from '../network/face'
import { DOMException } from './dom-exception'
import type { BrowserPage } from './host'

/** As browsers do with arguments: an address may be a URL. */
const textOf = (value: unknown): string => String(value as number)

/** Runs code of another realm, so that its errors are of this one. */
function here<T>(action: () => T, errorOf = (text: string): Error => new TypeError(text)): T {
  try {
    return action()
  } catch (error) {
    throw errorOf((error as Error).message)
  }
}

export function encodings({ node }: Pick<BrowserPage, 'node'>): Record<string, unknown> {
  const invalid = (text: string) => new DOMException(text, 'InvalidCharacterError')
  return {
    ...addressesOf(node),
    ...textsOf(node),
    atob: (text: unknown) => here(() => node.atob(textOf(text)), invalid),
    btoa: (text: unknown) => here(() => node.btoa(textOf(text)), invalid)
  }
}

function addressesOf(node: BrowserPage['node']): Record<string, unknown> {
  class URLSearchParams {
    readonly #all: InstanceType<typeof node.URLSearchParams>

    constructor(init: unknown = '') {
      // Node takes null for nothing.
      const given = (init ?? 'null') as Record<string, string>
      this.#all = init instanceof node.URLSearchParams ? init : here(() => new node.URLSearchParams(given))
    }
    getAll(name: unknown): string[] {
      return Array.from(this.#all.getAll(textOf(name)))
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
    static {
      const members = { attributes: 'size', methods: 'get has append set delete sort toString' }
      delegate(this.prototype, (face) => face.#all, members, here)
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
    static canParse(url: unknown, base?: unknown): boolean {
      return node.URL.canParse(textOf(url), base === undefined ? undefined : textOf(base))
    }
    static {
      const members = {
        attributes: 'origin',
        writable: 'href protocol username password host hostname port pathname search hash',
        methods: 'toString toJSON'
      }
      delegate(this.prototype, (face) => face.#url, members, here)
    }
  }
  return { URL, URLSearchParams }
}

function textsOf(node: BrowserPage['node']): Record<string, unknown> {
  const encoder = new node.TextEncoder()
  class TextEncoder {
    readonly encoding = 'utf-8'
    encode(text: unknown = ''): Uint8Array {
      return new Uint8Array(encoder.encode(textOf(text)))
    }
    encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
      return { ...encoder.encodeInto(text, target) }
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
    decode(input?: BufferSource, { stream = false }: TextDecodeOptions = {}): string {
      return here(() => this.#decoder.decode(input, { stream }))
    }
    static {
      delegate(this.prototype, (face) => face.#decoder, { attributes: 'encoding fatal ignoreBOM' })
    }
  }
  return { TextEncoder, TextDecoder }
}
