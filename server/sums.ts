/** Sums of the figures of many data points. */
import type { Metrics } from '../protocol/data-point'
import { Histogram } from '../protocol/histogram'
import { forEachKind, MESSAGE_KINDS } from '../protocol/names'

type Part<Name extends string> = Readonly<Partial<Record<Name, number | undefined>>>

/** Adds those numbers of the part that the sum has. */
export function addNumbers<Name extends string>(sum: Record<Name, number>, part?: Part<NoInfer<Name>>): void {
  for (const name of Object.keys(sum) as Name[]) sum[name] += part?.[name] ?? 0
}

/** Of messages, by kind. */
export class MessageSums {
  readonly kinds = forEachKind(() => ({
    counts: { sent: 0, received: 0, duplicates: 0 },
    latency: new Histogram()
  }))

  add(messages: Metrics['messages']): void {
    for (const kind of messages ? MESSAGE_KINDS : []) {
      const { counts, latency } = this.kinds[kind]
      addNumbers(counts, messages![kind])
      try {
        latency.addEncoded(messages![kind].latency)
      } catch {
        // The text is validated as base64; its content is the client's.
      }
    }
  }
}
