/**
 * The part of EventTarget that the libraries use: handlers such as `onmessage`, and listeners. Node's own
 * implementation is ten times slower.
 */

export interface SimEvent {
  type: string
  [field: string]: unknown
}
type Listener = (event: SimEvent) => void

export class Emitter {
  private listeners: Record<string, Listener[]> | undefined

  addEventListener(type: string, listener: Listener, options?: { once?: boolean }): void {
    const once: Listener = (event) => {
      this.removeEventListener(type, once)
      listener(event)
    }
    this.listeners ??= {}
    this.listeners[type] = [...(this.listeners[type] ?? []), options?.once === true ? once : listener]
  }

  removeEventListener(type: string, listener: Listener): void {
    const listeners = this.listeners?.[type]
    if (listeners) this.listeners![type] = listeners.filter((each) => each !== listener)
  }

  /**
   * Same as `emit`. There are so many packets that looking up their handler by name would cost 3 % of a run.
   */
  protected emitMessage(this: this & { onmessage: unknown }, event: SimEvent): void {
    const listeners = this.listeners?.message
    if (listeners) for (const listener of listeners) listener(event)
    const handler = this.onmessage as Listener | null | undefined
    handler?.call(this, event)
  }

  /** Calls the listeners, then the handler property. */
  protected emit(event: SimEvent): void {
    const listeners = this.listeners?.[event.type]
    if (listeners) for (const listener of listeners) listener(event)
    const handler = (this as Record<string, unknown>)[`on${event.type}`] as Listener | null | undefined
    handler?.call(this, event)
  }
}
