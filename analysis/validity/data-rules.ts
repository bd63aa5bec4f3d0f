import type { Rule } from './facts'
import { VALIDITY } from './limits'
import { milliseconds, percent } from './wording'

/** Can the clocks be trusted, and is all data there? */
export const DATA_RULES: readonly Rule[] = [
  {
    name: 'clock-error',
    cause: 'machine',
    check: ({ summary }) => {
      const error = summary.latencyClockError
      const median = summary.latency.all?.p50 ?? null
      if (error === null || median === null || error <= VALIDITY.clockErrorShare * median) return undefined
      return {
        what: `The clocks are known to ±${milliseconds(error)} only, while the median latency is ${milliseconds(median)}.`,
        why: 'More than a tenth of the latency may be the error of the clocks.',
        advice:
          'Run chrony on the runners and the results server (docs/networks.md#clocks-over-a-distance), bring them nearer to each other, or read only differences between runs on the same machines.'
      }
    }
  },
  {
    name: 'negative-latency',
    cause: 'machine',
    check: ({ summary }) => {
      const share = summary.received.all > 0 ? summary.negativeLatencies / summary.received.all : 0
      if (share <= VALIDITY.negativeLatencies) return undefined
      return {
        what: `${percent(share)} of the messages arrived before they were sent, by the corrected clocks.`,
        why: 'The clocks are wrong by more than the latency: no latency of this test is right.',
        advice: 'Synchronise the machines’ clocks (NTP), and look for one that jumps.'
      }
    }
  },
  {
    name: 'unreadable-data',
    cause: 'machine',
    check: ({ unreadable }) =>
      unreadable.map((id) => ({
        subject: id,
        what: `A histogram or list of peer ${id} cannot be read.`,
        why: 'Its part is missing in the figures.',
        advice: 'Use clients of the same version as the results server.'
      }))
  },
  {
    name: 'damaged-data',
    cause: 'machine',
    check: ({ state: { damage } }) => {
      if (damage === undefined) return undefined
      return {
        what: `Some of this test's data is lost: ${damage}.`,
        why: 'Counts and percentiles leave out what is lost, and nothing tells how it would have changed them.',
        advice:
          'Check the results server’s disk and its log, and run the test again (docs/reliability.md says what the server promises).'
      }
    }
  }
]
