/** Planned events, earliest first; events at the same time in the order in which they were planned. */

/** An event that has happened can be planned again, so that repeated ones allocate no memory. */
export class Event {
  /** ms since the simulation started. */
  time = 0
  /** Position among all events ever planned. */
  order = 0

  constructor(
    /** Undefined once the event is cancelled. */
    public run: (() => void) | undefined,
    /** Decides whether the event can happen now; if not, it plans it again. */
    readonly gate: { admits(event: Event): boolean } | undefined = undefined,
    /** ms for which it keeps its thread busy. */
    readonly cost = 0
  ) {}

  cancel(): void {
    this.run = undefined
  }
}

/** A binary heap. Cancelled events stay in it until their time comes. */
export class EventQueue {
  private readonly heap: Event[] = []

  get first(): Event | undefined {
    return this.heap[0]
  }

  push(event: Event): void {
    const { heap } = this
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(heap[parent]!, event)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = event
  }

  pop(): Event | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (!last || heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (isBefore(last, heap[child]!)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return first
  }
}

const isBefore = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)
