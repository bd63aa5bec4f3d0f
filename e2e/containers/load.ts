import type { Reason } from '../../protocol/summary'

/** Browsers beside other work may be too slow, which the result reports. It must report nothing else. */
const LOAD_RULES = ['tick-lateness', 'cpu', 'sent-too-little', 'clock-error', 'negative-latency']

export function unexpectedReasons(reasons: readonly Reason[] = []): string[] {
  return reasons.filter(({ rule }) => !LOAD_RULES.includes(rule)).map(({ rule, what }) => `${rule}: ${what}`)
}
