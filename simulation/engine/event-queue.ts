/** Planned events, earliest first; events at the same time in the order in which they were planned. */

/** What an event does. An object instead of a closure, so that repeated events allocate no memory. */
export interface Task {
  run(): void
}

/**
 * Something planned for a point in time. An event that has happened can be planned again: {@link
 * VirtualTime.plan}.
 */
export class Event {
  /** ms since the simulation started. */
  time = 0
  /** Position among all events ever planned. */
  order = 0

  constructor(
    /** Undefined once the event is cancelled. */
    public task: Task | undefined,
    /** Decides whether the event can happen now or must wait. */
    readonly gate: Gate | undefined = undefined,
    /** ms for which it keeps its thread busy. */
    readonly cost = 0
  ) {}

  cancel(): void {
    this.task = undefined
  }
}

/** Lets only one thing happen at a time. */
export interface Gate {
  /** False if the event must wait; the gate then plans it again. */
  admits(event: Event): boolean
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

function isBefore(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order)
}
