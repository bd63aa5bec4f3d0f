/**
 * Events, their handlers such as `onmessage`, and their listeners. Node's own implementation is ten times
 * slower.
 */
type Listener = ((event: SimEvent) => void) | { handleEvent(event: SimEvent): void }

/** Events of the page's own. */
const dispatched = new WeakSet<SimEvent>()

export class SimEvent {
  target: Emitter | null = null
  defaultPrevented = false

  constructor(
    readonly type: string,
    readonly init: { cancelable?: boolean } | undefined = undefined
  ) {}

  get currentTarget(): Emitter | null {
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

export class Emitter {
  private listeners: Record<string, { original: Listener; call: (event: SimEvent) => void }[]> | undefined

  addEventListener(type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    if (listener === null || this.listeners?.[type]?.some(({ original }) => original === listener)) return
    const { once, signal } = typeof options === 'object' ? options : ({} as ListenerOptions)
    if (signal?.aborted) return
    const call =
      typeof listener === 'function' ? listener.bind(this) : (event: SimEvent) => listener.handleEvent(event)
    const remove = () => this.removeEventListener(type, listener)
    const callOnce = (event: SimEvent) => {
      remove()
      call(event)
    }
    this.listeners ??= {}
    // A new list: whoever is added while an event is delivered does not get it.
    this.listeners[type] = [
      ...(this.listeners[type] ?? []),
      { original: listener, call: once === true ? callOnce : call }
    ]
    signal?.addEventListener('abort', remove)
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const listeners = this.listeners?.[type]
    if (listeners) this.listeners![type] = listeners.filter(({ original }) => original !== listener)
  }

  dispatchEvent(event: SimEvent): boolean {
    dispatched.add(event)
    this.emit(event)
    return !event.defaultPrevented
  }

  /** Whether anybody handles such events, some of which cost too much to be emitted for nobody. */
  protected hears(type: string): boolean {
    return (
      (this.listeners?.[type]?.length ?? 0) > 0 || Boolean((this as Record<string, unknown>)[`on${type}`])
    )
  }

  /**
   * Same as `emit`. There are so many packets that looking up their handler by name would cost 3% of a run.
   */
  protected emitMessage(this: this & { onmessage: unknown }, event: SimEvent): void {
    event.target = this
    const handler = this.onmessage as ((event: SimEvent) => void) | null | undefined
    this.callAll(this.listeners?.message, handler, event)
  }

  /** Calls the listeners, then the handler property. */
  protected emit(event: SimEvent): void {
    event.target = this
    const handler = (this as Record<string, unknown>)[`on${event.type}`] as
      ((event: SimEvent) => void) | null | undefined
    this.callAll(this.listeners?.[event.type], handler, event)
  }

  /**
   * Receives what a listener or handler throws. Whoever emits several events in one task must override this:
   * in a browser, each is a task of its own.
   */
  protected report(error: unknown): void {
    throw error
  }

  /** One that throws does not keep the event from the others. The first error counts as that of the event. */
  private callAll(
    listeners: readonly { call: (event: SimEvent) => void }[] | undefined,
    handler: ((event: SimEvent) => void) | null | undefined,
    event: SimEvent
  ): void {
    let errors: unknown[] | undefined
    for (const { call } of listeners ?? []) {
      try {
        call(event)
      } catch (error) {
        ;(errors ??= []).push(error)
      }
    }
    try {
      handler?.call(this, event)
    } catch (error) {
      ;(errors ??= []).push(error)
    }
    if (errors) this.report(errors[0])
  }
}
