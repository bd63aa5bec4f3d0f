/**
 * WebSockets in memory: the page's end behaves like a browser's, the server's end like one of the `ws`
 * package.
 */
import type { Thread } from '../engine/thread'
import { Emitter } from './emitter'
import { Line, type Way } from './line'

/** Called by a server for each new socket. */
export type Accept = (socket: ServerSocket, url: URL) => void

export interface SocketServer {
  thread: Thread
  accept: Accept
  /** False while the server is down: connections are then refused. */
  isUp(): boolean
}

export interface SocketOptions {
  /** Delay and loss of a frame, in either direction. */
  way: Way
  /** ms of TCP's handshake: one round trip, because its last packet can carry the request. */
  handshake: number
  /** Called for each frame that the page sends, with the socket's address. */
  onSend?: (url: string, text: string) => void
}

const OPENED = Symbol('opened')
const CLOSED = Symbol('closed')
type Frame = string | typeof OPENED | typeof CLOSED

/** The constructor that a page sees as `WebSocket`. */
export function webSocketOf(
  thread: Thread,
  server: SocketServer,
  { way, handshake, onSend }: SocketOptions
): new (url: string) => Emitter & { readonly url: string; readyState: number } {
  return class WebSocket extends Emitter {
    static readonly OPEN = 1
    readyState = 0
    onopen: unknown = null
    onmessage: unknown = null
    onclose: unknown = null
    onerror: unknown = null
    private readonly up: Line<Frame>

    constructor(readonly url: string) {
      super()
      const down = new Line<Frame>(thread, way, (frame) => {
        this.receive(frame)
      })
      const far = new ServerSocket((frame) => {
        down.send(frame)
      })
      this.up = new Line<Frame>(server.thread, way, (frame) => {
        far.receive(frame)
      })
      thread.after(handshake, () => {
        if (server.isUp()) this.up.send(OPENED)
        else this.fail()
      })
      far.onOpened = () => {
        down.send(OPENED)
        server.accept(far, new URL(url))
      }
    }

    send(text: string): void {
      if (this.readyState === 0) throw new Error('Still in CONNECTING state.')
      onSend?.(this.url, text)
      if (this.readyState === 1) this.up.send(text)
    }

    close(): void {
      if (this.readyState > 1) return
      this.readyState = 2
      this.up.send(CLOSED)
    }

    private fail(): void {
      this.readyState = 3
      this.emit({ type: 'error' })
      this.emit({ type: 'close', code: 1006 })
    }

    private receive(frame: Frame): void {
      if (frame === OPENED) {
        if (this.readyState === 0) this.readyState = 1
        this.emit({ type: 'open' })
      } else if (frame === CLOSED) {
        this.readyState = 3
        this.emit({ type: 'close', code: 1000 })
      } else if (this.readyState < 2) {
        this.emit({ type: 'message', data: frame })
      }
    }
  }
}

export class ServerSocket {
  readonly OPEN = 1
  readonly bufferedAmount = 0
  readyState = 1
  onOpened: () => void = () => undefined
  private readonly listeners: Record<string, ((argument: unknown) => void)[]> = {}

  constructor(private readonly transmit: (frame: Frame) => void) {}

  on(event: string, listener: (argument: unknown) => void): this {
    ;(this.listeners[event] ??= []).push(listener)
    return this
  }

  send(text: string): void {
    if (this.readyState === 1) this.transmit(text)
  }

  close(): void {
    if (this.readyState !== 1) return
    this.readyState = 3
    this.transmit(CLOSED)
    this.emit('close')
  }

  terminate(): void {
    this.close()
  }

  receive(frame: Frame): void {
    if (frame === OPENED) this.onOpened()
    else if (frame === CLOSED) this.close()
    else if (this.readyState === 1) this.emit('message', frame)
  }

  private emit(event: string, argument?: unknown): void {
    for (const listener of this.listeners[event] ?? []) listener(argument)
  }
}
