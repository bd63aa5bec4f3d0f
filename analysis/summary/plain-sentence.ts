import type { Summary } from '../../protocol/summary'
import { counted, formatAt } from '../format'
import { areCounted, HEADLINE, isSimulated, libraryNames, measuredTime } from './figures'

/** A test's outcome for a reader who does not know its terminology. */
export function plainSentence(summary: Summary): string {
  const what =
    summary.peers.reporting === 0
      ? 'No peer took part, so nothing was measured.'
      : `${whatRan(summary)} ${howItWent(summary)}`
  return `${what} ${whetherToTrust(summary)}`
}

function whatRan(summary: Summary): string {
  const { peers } = summary
  const libraries = libraryNames(summary).join(' and ')
  const running = libraries === '' ? '' : ` running ${libraries}`
  const where = isSimulated(summary) ? 'virtual time' : 'real browsers'
  return `${counted(peers.reporting, 'peer')}${running} exchanged messages in ${where}; the figures cover ${measuredTime(summary)}.`
}

function howItWent(summary: Summary): string {
  const { delivery, latency } = summary
  if (!areCounted(summary)) return 'Nobody knows what arrived: no peer submitted its final results.'
  if (delivery.all === null) return 'No message was owed to anybody.'
  const within =
    (latency.all?.p95 ?? null) === null ? '' : `, 95% of them within ${formatAt(summary, HEADLINE.latency)}`
  return `${formatAt(summary, HEADLINE.delivery)} of the messages arrived${within}.`
}

function whetherToTrust(summary: Summary): string {
  const { verdict, reasons, thresholds } = summary
  if (verdict === 'void') {
    return `This test is void (${reasons.length === 1 ? 'reason' : 'reasons'} below): ignore its figures.`
  }
  const missed = thresholds.filter(({ passed }) => !passed).length
  if (missed > 0) return `The result is valid, and ${missed} of ${thresholds.length} thresholds were missed.`
  if (thresholds.length > 0) return 'The result is valid, and all thresholds were met.'
  if (isSimulated(summary))
    return 'The result is valid: the mesh was whole at the end; no machine is judged in virtual time.'
  if (summary.machine.cpuUsageMax === null)
    return "The result is valid: the pages' ticks came in time and the mesh was whole at the end. Not every machine's CPU was measured."
  return 'The result is valid: the machines kept up and the mesh was whole at the end.'
}
