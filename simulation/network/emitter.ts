/**
 * Events, their handlers such as `onmessage`, and their listeners. Node's own implementation is ten times
 * slower.
 */
type Listener = ((event: SimEvent) => void) | { handleEvent(event: SimEvent): void }

/** Events of the page's own. */
const dispatched = new WeakSet<SimEvent>()

export class SimEvent {
  target: EventTarget | null = null
  defaultPrevented = false

  constructor(
    readonly type: string,
    readonly init: { cancelable?: boolean } | undefined = undefined
  ) {}

  get currentTarget(): EventTarget | null {
    return this.target
  }
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
  original: Listener
  call: (event: SimEvent) => void
  /** Since an event was begun to be delivered: it does not get it any more. */
  isRemoved: boolean
}

type Handler = ((event: SimEvent) => void) | null | undefined

/** Where a page's browser tells of what listeners throw. Each page has its own. */
export const uncaught = {
  report: (error: unknown): void => {
    throw error
  }
}

/** Not names: classes of the page's own may have members of any name. */
const LISTENERS = Symbol('listeners')
const CALL = Symbol('call')

/** The one of the page, whose classes may extend it. */
export class EventTarget {
  protected [LISTENERS]: Record<string, Registered[]> | undefined

  addEventListener(type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    const listeners = (this[LISTENERS] ??= {})
    const present = listeners[type] ?? []
    if (listener === null || present.some(({ original }) => original === listener)) return
    const { once, signal } = typeof options === 'object' ? options : ({} as ListenerOptions)
    if (signal?.aborted) return
    const call =
      typeof listener === 'function' ? listener.bind(this) : (event: SimEvent) => listener.handleEvent(event)
    const remove = () => this.removeEventListener(type, listener)
    const callOnce = (event: SimEvent) => {
      remove()
      call(event)
    }
    // A new list: whoever is added while an event is delivered does not get it.
    listeners[type] = [
      ...present,
      { original: listener, call: once === true ? callOnce : call, isRemoved: false }
    ]
    signal?.addEventListener('abort', remove)
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const present = this[LISTENERS]?.[type]
    const removed = present?.find(({ original }) => original === listener)
    if (!removed) return
    removed.isRemoved = true
    this[LISTENERS]![type] = present!.filter((each) => each !== removed)
  }

  dispatchEvent(event: SimEvent): boolean {
    dispatched.add(event)
    event.target = this
    const errors = this[CALL](this[LISTENERS]?.[event.type], undefined, event)
    if (errors) uncaught.report(errors[0])
    return !event.defaultPrevented
  }

  /** Calls the listeners, then the handler. One that throws does not keep the event from the others. */
  protected [CALL](
    listeners: readonly Registered[] | undefined,
    handler: Handler,
    event: SimEvent
  ): unknown[] | undefined {
    let errors: unknown[] | undefined
    for (const each of listeners ?? []) {
      try {
        if (!each.isRemoved) each.call(event)
      } catch (error) {
        ;(errors ??= []).push(error)
      }
    }
    try {
      handler?.call(this, event)
    } catch (error) {
      ;(errors ??= []).push(error)
    }
    return errors
  }
}

/** One of the browser's own, which has handlers such as `onmessage`. */
export class Emitter extends EventTarget {
  override dispatchEvent(event: SimEvent): boolean {
    dispatched.add(event)
    this.emit(event)
    return !event.defaultPrevented
  }

  /** Whether anybody handles such events, some of which cost too much to be emitted for nobody. */
  protected hears(type: string): boolean {
    return (
      (this[LISTENERS]?.[type]?.length ?? 0) > 0 || Boolean((this as Record<string, unknown>)[`on${type}`])
    )
  }

  /**
   * Same as `emit`. There are so many packets that looking up their handler by name would cost 3% of a run.
   */
  protected emitMessage(this: this & { onmessage: unknown }, event: SimEvent): void {
    this.deliver(this[LISTENERS]?.message, this.onmessage as Handler, event)
  }

  protected emit(event: SimEvent): void {
    const handler = (this as Record<string, unknown>)[`on${event.type}`] as Handler
    this.deliver(this[LISTENERS]?.[event.type], handler, event)
  }

  /** Receives what a listener or handler throws, which keeps no later event of the task from its own. */
  protected report(error: unknown): void {
    uncaught.report(error)
  }

  /** The first error counts as that of the event. */
  private deliver(listeners: readonly Registered[] | undefined, handler: Handler, event: SimEvent): void {
    event.target = this
    const errors = this[CALL](listeners, handler, event)
    if (errors) this.report(errors[0])
  }
}
