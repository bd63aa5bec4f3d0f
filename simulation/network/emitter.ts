/** Events, their handlers such as `onmessage`, and their listeners. Node's own are ten times slower. */
import { DOMException } from '../browser/dom-exception'

type Listener = ((event: SimEvent) => void) | { handleEvent(event: SimEvent): void }

/** Events of the page's own. */
const dispatched = new WeakSet<SimEvent>()

export class SimEvent {
  target: EventTarget | null = null
  currentTarget: EventTarget | null = null
  defaultPrevented = false

  constructor(
    readonly type: string,
    readonly init?: { cancelable?: boolean }
  ) {}

  get isTrusted(): boolean {
    return !dispatched.has(this)
  }
  get cancelable(): boolean {
    return this.init?.cancelable === true
  }
  preventDefault(): void {
    this.defaultPrevented = this.cancelable
  }
  stopPropagation(): void {
    // Events go to one target only.
  }
}

/** An event with the fields that its kind has in browsers. */
export function eventOf(type: string, fields: object): SimEvent {
  return Object.assign(new SimEvent(type), fields)
}

/** There are so many messages that a constructor with few fields counts. */
export class MessageEvent extends SimEvent {
  readonly data: unknown

  constructor(type: string, init: { data?: unknown } = {}) {
    super(type)
    this.data = init.data
  }
}

interface ListenerOptions {
  once?: boolean
  signal?: { addEventListener(type: string, listener: () => void): void; readonly aborted: boolean }
}

interface Registered {
  listener: Listener
  once: boolean
  /** Since an event was begun to be delivered: it does not get it any more. */
  isRemoved: boolean
}

/** Where a page's browser tells of what listeners throw. Each page has its own. */
export const uncaught = {} as { report: (error: unknown) => void }

/** Not names: classes of the page's own may have members of any name, and override those that have one. */
const LISTENERS = Symbol('listeners')
const LISTEN = Symbol('listen')
const FORGET = Symbol('forget')
export const HEARS = Symbol('hears')
export const EMIT = Symbol('emit')
export const SET_HANDLER = Symbol('set a handler')
export const LISTENED = Symbol('listened')

/** The one of the page, whose classes may extend it. */
export class EventTarget {
  protected [LISTENERS]: Record<string, Registered[]> | undefined
  /** Called for each new listener and handler. */
  protected [LISTENED]?(type: string): void

  addEventListener(type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    this[LISTEN](type, listener, options)
  }

  removeEventListener(type: string, listener: Listener | null): void {
    this[FORGET](type, listener)
  }

  dispatchEvent(event: SimEvent): boolean {
    if (!(event instanceof SimEvent)) throw new TypeError('dispatchEvent() takes an Event')
    if (event.currentTarget) throw new DOMException('It is already being dispatched.', 'InvalidStateError')
    dispatched.add(event)
    this[EMIT](event)
    return !event.defaultPrevented
  }

  protected [LISTEN](type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    const listeners = (this[LISTENERS] ??= {})
    const present = listeners[type] ?? []
    if (!listener || present.some((each) => each.listener === listener)) return
    const { once = false, signal } = Object(options) as ListenerOptions
    if (signal?.aborted) return
    // A new list: whoever is added while an event is delivered does not get it.
    listeners[type] = [...present, { listener, once, isRemoved: false }]
    signal?.addEventListener('abort', () => this[FORGET](type, listener))
    this[LISTENED]?.(type)
  }

  protected [FORGET](type: string, listener: Listener | null): void {
    const present = this[LISTENERS]?.[type]
    const removed = present?.find((each) => each.listener === listener)
    if (!removed) return
    removed.isRemoved = true
    this[LISTENERS]![type] = present!.filter((each) => each !== removed)
  }

  /** A listener that throws does not keep the event from the others. */
  [EMIT](event: SimEvent): void {
    event.target = event.currentTarget = this
    for (const { listener, once, isRemoved } of this[LISTENERS]?.[event.type] ?? []) {
      if (isRemoved) continue
      if (once) this[FORGET](event.type, listener)
      try {
        if (typeof listener === 'function') listener.call(this, event)
        else listener.handleEvent(event)
      } catch (error) {
        uncaught.report(error)
      }
    }
    event.currentTarget = null
  }
}

/** What stands in `onmessage`, for example: a listener whose function can be replaced. */
interface Handler {
  run: (event: SimEvent) => void
  handleEvent(event: SimEvent): void
}

/** One of the browser's own, which has handlers such as `onmessage`. */
export class Emitter extends EventTarget {
  readonly #handlers = new Map<string, Handler>()

  /** It keeps its place among the listeners until it is taken away. */
  protected [SET_HANDLER](type: string, given: unknown): void {
    const present = this.#handlers.get(type)
    if (typeof given !== 'function') {
      this[FORGET](type, present ?? null)
      this.#handlers.delete(type)
    } else if (present) present.run = given as Handler['run']
    else {
      const run = given as Handler['run']
      const handler: Handler = { run, handleEvent: (event) => handler.run.call(this, event) }
      this[LISTEN](type, handler)
      this.#handlers.set(type, handler)
    }
  }

  /** Whether anybody handles such events, some of which cost too much to be emitted for nobody. */
  [HEARS](type: string): boolean {
    return (this[LISTENERS]?.[type]?.length ?? 0) > 0
  }

  /** Gives a class the handler `on…`: https://html.spec.whatwg.org/#event-handler-idl-attributes */
  static defineHandler(prototype: Emitter, type: string): void {
    Object.defineProperty(prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get(this: Emitter) {
        return this.#handlers.get(type)?.run ?? null
      },
      set(this: Emitter, given: unknown) {
        this[SET_HANDLER](type, given)
      }
    })
  }
}
