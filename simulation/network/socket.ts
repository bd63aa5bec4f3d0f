/** WebSockets in memory: the page's end behaves as a browser's, the server's end as the `ws` package's. */
import { DOMException } from '../browser/dom-exception'
import type { Thread } from '../engine/thread'
import { lengthOf } from './data-channel'
import { EMIT, Emitter, eventOf, MessageEvent, SimEvent } from './emitter'
import { Line, type Way } from './line'

export interface SocketServer {
  thread: Thread
  /** Called for each new socket. */
  accept(socket: ServerSocket, url: URL): void
  /** Whether the server is up and can be reached by whoever asks: connections are refused otherwise. */
  admits(url: URL): boolean
}

export interface SocketPage {
  thread: Thread
  /** Servers by origin: only these exist. */
  sockets: ReadonlyMap<string, SocketServer>
  /** Delay of a frame, in either direction. */
  way: Way
  registry: { noteFrame(url: string, text: string): void }
  node: { URL: typeof URL }
  /** Of the page. */
  url: string
  refuse: (name: string) => never
}

const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }

const OPENED = Symbol('opened')
const REFUSED = Symbol('refused')
/** What a closing frame says: https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5 */
type Closing = { code: number; reason: string }
type Frame = string | Closing | typeof OPENED | typeof REFUSED

/** The code of a closing frame that has none, and of a connection that ends without such a frame. */
const NO_CODE = 1005
const NO_FRAME = 1006

export function webSocketOf(page: SocketPage): object {
  const { thread, sockets, way, registry, refuse } = page
  return class WebSocket extends Emitter {
    static {
      for (const each of [this, this.prototype]) Object.assign(each, STATES)
    }
    readonly bufferedAmount = 0
    readonly extensions = ''
    readonly protocol = ''
    binaryType = 'blob'
    readyState = 0
    readonly url: string
    readonly #up: Line<Frame>

    constructor(address: unknown, protocols: unknown = []) {
      super()
      if (String(protocols) !== '') refuse('new WebSocket() with protocols')
      const url = parsed(String(address), page)
      this.url = url.href
      const server = sockets.get(url.origin) ?? refuse(`WebSocket to ${url.origin}`)
      const down = new Line<Frame>(thread, way, (frame) => this.#receive(frame))
      const far = new ServerSocket((frame) => down.send(frame))
      this.#up = new Line<Frame>(server.thread, way, (frame) => far.receive(frame))
      // TCP's handshake takes one round trip, because its last packet can carry the request.
      thread.after(2 * ((way(0) as number) - thread.time.now), () => {
        if (this.readyState === 0 && server.admits(url)) this.#up.send(OPENED)
        else this.#fail()
      })
      far.onOpened = () => {
        // It may have gone down since the handshake.
        const isAdmitted = server.admits(url)
        down.send(isAdmitted ? OPENED : REFUSED)
        if (isAdmitted) server.accept(far, url)
      }
    }

    send(data: unknown): void {
      if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) refuse('WebSocket.send() of bytes')
      if (this.readyState === 0) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError')
      const text = String(data as number).toWellFormed()
      registry.noteFrame(this.url, text)
      if (this.readyState === 1) this.#up.send(text)
    }

    close(code?: number | null, given: unknown = ''): void {
      const reason = String(given as number)
      const asked = code === undefined && reason === '' ? 1000 : (code ?? 0)
      if (asked !== 1000 && !(asked >= 3000 && asked <= 4999))
        throw new DOMException(
          `The close code must be either 1000, or between 3000 and 4999. ${asked} is neither.`,
          'InvalidAccessError'
        )
      if (lengthOf(reason) > 123) throw new DOMException('The reason is too long.', 'SyntaxError')
      if (this.readyState > 1) return
      const wasOpen = this.readyState === 1
      this.readyState = 2
      // An attempt that is under way ends with its next step.
      if (wasOpen) this.#up.send({ code: code ?? NO_CODE, reason })
    }

    #fail(): void {
      this.readyState = 3
      this[EMIT](new SimEvent('error'))
      this.#end(NO_FRAME)
    }

    #end(code: number, reason = ''): void {
      this.readyState = 3
      this[EMIT](eventOf('close', { code, reason, wasClean: code !== NO_FRAME }))
    }

    #receive(frame: Frame): void {
      if (frame === OPENED) {
        if (this.readyState !== 0) {
          this.#up.send({ code: NO_CODE, reason: '' })
          this.#fail()
          return
        }
        this.readyState = 1
        this[EMIT](new SimEvent('open'))
      } else if (frame === REFUSED) {
        this.#fail()
      } else if (typeof frame === 'object') {
        if (this.readyState < 3) this.#end(frame.code, frame.reason)
      } else if (this.readyState < 2) {
        this[EMIT](new MessageEvent('message', { data: frame }))
      }
    }
  }
}

function parsed(address: string, { node, url: base }: SocketPage): URL {
  const absolute = node.URL.canParse(address, base) ? new node.URL(address, base).href : ''
  if (/^(ws|http)s?:[^#]*$/.test(absolute)) return new node.URL(absolute.replace(/^http/, 'ws'))
  throw new DOMException(`The URL '${address}' is invalid.`, 'SyntaxError')
}

export class ServerSocket {
  readonly OPEN = 1
  readonly bufferedAmount = 0
  readyState = 1
  onOpened: () => void = () => undefined
  private listeners: Record<string, ((argument: unknown) => void)[]> = {}

  constructor(private readonly transmit: (frame: Frame) => void) {}

  on(event: string, listener: (argument: unknown) => void): this {
    ;(this.listeners[event] ??= []).push(listener)
    return this
  }

  send(text: string): void {
    if (this.readyState === 1) this.transmit(text)
  }

  close(code = NO_CODE, reason = ''): void {
    this.end({ code, reason })
  }

  /** Cuts the connection without a closing handshake. */
  terminate(): void {
    this.end({ code: NO_FRAME, reason: '' })
  }

  /** For the simulation: the server's process ends, and hears of nothing any more. */
  vanish(): void {
    this.listeners = {}
    this.terminate()
  }

  receive(frame: Frame): void {
    if (frame === OPENED) this.onOpened()
    else if (typeof frame === 'object') this.close(frame.code, frame.reason)
    else if (this.readyState === 1) this.emit('message', frame)
  }

  private end(frame: Closing): void {
    if (this.readyState !== 1) return
    this.readyState = 3
    this.transmit(frame)
    this.emit('close')
  }

  private emit(event: string, argument?: unknown): void {
    for (const listener of this.listeners[event] ?? []) listener(argument)
  }
}
