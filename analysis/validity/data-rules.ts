import { VALIDITY } from './limits'
import type { Rule } from './rule'
import { milliseconds, percent } from './wording'

/** Can the clocks and the data be trusted? */
export const DATA_RULES: readonly Rule[] = [
  {
    name: 'clock-error',
    statement: 'The clocks are known to a tenth of the median latency.',
    cause: 'machine',
    check: ({ summary }) => {
      const error = summary.latencyClockError
      const median = summary.latency.all?.p50 ?? null
      if (error === null || median === null || error <= VALIDITY.clockErrorShare * median) return []
      return [
        {
          what: `The clocks are known to ±${milliseconds(error)} only, while the median latency is ${milliseconds(median)}.`,
          why: 'More than a tenth of the latency may be the error of the clocks.',
          advice:
            'Run chrony on the runners and the results server (docs/networks.md#clocks-over-a-distance), bring them nearer to each other, or read only differences between runs on the same machines.'
        }
      ]
    }
  },
  {
    name: 'negative-latency',
    statement: 'At most 1% of the messages arrived before they were sent.',
    cause: 'machine',
    check: ({ summary }) => {
      const share = summary.received.all > 0 ? summary.negativeLatencies / summary.received.all : 0
      if (share <= VALIDITY.negativeLatencies) return []
      return [
        {
          what: `${percent(share)} of the messages arrived before they were sent, by the corrected clocks.`,
          why: 'The clocks are wrong by more than the latency: no latency of this test is right.',
          advice: 'Synchronise the machines’ clocks (NTP), and look for one that jumps.'
        }
      ]
    }
  },
  {
    name: 'unreadable-data',
    statement: 'All final results and histograms can be read.',
    cause: 'machine',
    check: ({ unreadable }) =>
      unreadable.map((id) => ({
        subject: id,
        what: `A histogram or list of peer ${id} cannot be read.`,
        why: 'Its part is missing in the figures.',
        advice: 'Use clients of the same version as the results server.'
      }))
  }
]
