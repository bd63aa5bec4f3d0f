import { delegate } from './face'

/** Headers of a response: they cannot be changed. */
export class Headers {
  readonly #all: Map<string, string>

  constructor(pairs: [string, string][]) {
    this.#all = new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  get(name: unknown): string | null {
    return this.#all.get(String(name).toLowerCase()) ?? null
  }
  has(name: unknown): boolean {
    return this.get(name) !== null
  }
  forEach(callback: (value: string, name: string, all: Headers) => void): void {
    for (const [name, value] of this) callback(value, name, this)
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#all.entries()
  }
  static {
    delegate(this.prototype, (face) => face.#all, { methods: 'entries keys values' })
  }
}

interface Received {
  status: number
  statusText: string
  url: string
  type: 'basic' | 'cors'
  headers: Headers
  body: string
}

export class Response {
  readonly redirected = false
  bodyUsed = false
  readonly #received: Received

  constructor(received: Received) {
    this.#received = received
  }

  get ok(): boolean {
    const { status } = this.#received
    return status >= 200 && status < 300
  }
  text(): Promise<string> {
    return this.#read('text')
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.#read('json')) as unknown
  }
  async bytes(): Promise<Uint8Array> {
    return new TextEncoder().encode(await this.#read('bytes'))
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode(await this.#read('arrayBuffer')).buffer
  }
  clone(): Response {
    if (this.bodyUsed)
      throw new TypeError("Failed to execute 'clone' on 'Response': Response body is already used")
    return new Response(this.#received)
  }

  /** A body can be read once. */
  async #read(method: string): Promise<string> {
    if (this.bodyUsed)
      throw new TypeError(`Failed to execute '${method}' on 'Response': body stream already read`)
    this.bodyUsed = true
    return Promise.resolve(this.#received.body)
  }
  static {
    const attributes = 'status statusText url type headers'
    delegate(this.prototype, (face) => face.#received, { attributes })
  }
}
