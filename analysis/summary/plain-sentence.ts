import type { Summary } from '../../protocol/summary'
import { formatAt, formatMetric } from '../format'
import { HEADLINE, measuredTime } from './figures'

/** A test's outcome for a reader who does not know its terminology. */
export function plainSentence(summary: Summary): string {
  return [whatRan(summary), howItWent(summary), whetherToTrust(summary)]
    .filter((part) => part !== '')
    .join(' ')
}

function whatRan(summary: Summary): string {
  const { peers, provenance } = summary
  const libraries = provenance.libraries.map(({ name, version }) => `${name} ${version}`).join(' and ')
  const of = libraries === '' ? '' : ` of ${libraries}`
  const count = `${formatMetric(peers.reporting, 'count')} simulated ${peers.reporting === 1 ? 'peer' : 'peers'}`
  return `${count}${of} sent each other messages; ${measuredTime(summary)} of it were measured.`
}

function howItWent(summary: Summary): string {
  const { delivery, latency } = summary
  if (delivery.all === null) return 'No message was owed to anybody.'
  const within =
    (latency.all?.p95 ?? null) === null ? '' : `, 95 % of them within ${formatAt(summary, HEADLINE.latency)}`
  return `${formatAt(summary, HEADLINE.delivery)} of the messages arrived${within}.`
}

function whetherToTrust({ verdict, reasons, thresholds }: Summary): string {
  if (verdict === 'void') {
    const count = reasons.length === 1 ? 'one reason' : `${reasons.length} reasons`
    return `Do not trust these figures: the test is void, for ${count} given below.`
  }
  const missed = thresholds.filter(({ passed }) => !passed).length
  if (missed > 0) return `The result is valid, and ${missed} of ${thresholds.length} thresholds were missed.`
  if (thresholds.length > 0) return 'The result is valid, and all thresholds were met.'
  return 'The result is valid: the machines kept up and the mesh was whole.'
}
