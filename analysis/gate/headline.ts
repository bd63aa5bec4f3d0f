/** The verdict in one line: what decided, what was not judged, what got better. */
import { groupBy } from '../../protocol/group-by'
import type { CriterionResult, Gate } from './result'
import { ATTEMPTS_LOST, list, marginOf, shown, signedPoints, sizeOf } from './sentences'

/** "worse in delivery: chat −27 points, margin 2 points; not judged: latency, CPU (virtual time)" */
export function gateHeadline(gate: Gate): string {
  return [verdictWords(gate), ...notJudged(gate), ...better(gate)].join('; ')
}

function verdictWords(gate: Gate): string {
  const { verdict, criteria } = gate
  if (verdict === 'worse') {
    const worse = criteria.filter((criterion) => criterion.verdict === 'worse')
    return `worse in ${worse.map((criterion) => `${shown(criterion.name)}: ${culprit(gate, criterion)}`).join('; in ')}`
  }
  const judged = criteria.filter((criterion) => criterion.verdict !== 'not judged').length
  const of = criteria.length === 1 ? 'criterion' : 'criteria'
  return judged < criteria.length ? `${verdict} (${judged} of ${criteria.length} ${of})` : verdict
}

/** "chat −27 points, margin 2 points", from the blocks or else from the simulated runs. */
export function culprit(gate: Gate, { name }: CriterionResult): string {
  for (const part of [gate, ...gate.simulated]) {
    const where = 'peers' in part ? ` (${part.peers} simulated peers)` : ''
    const own = part.criteria.find((criterion) => criterion.name === name)
    const worst = own?.components.find(({ verdict }) => verdict === 'worse')
    if (worst) return `${shortName(worst.metric)} ${sizeOf(worst)}, margin ${marginOf(worst)}${where}`
    if (own?.verdict === 'worse' && own.components.length === 0 && own.worseP <= gate.level)
      return `${ATTEMPTS_LOST} ${signedPoints(part.stability?.estimate)}${where}`
  }
  return 'see the table'
}

const SHORT_NAMES = new Map([
  ['duplicateRatio.all', 'duplicates'],
  ['duplicateRatio.chat', 'duplicate chats'],
  ['connection.first.p95', 'first connection'],
  ['connection.fourth.p95', 'fourth connection'],
  ['wire.packetsPerMessage', 'packets per message'],
  ['lighthouse.messages', 'messages of the Lighthouse'],
  ['lighthouse.bytes', 'bytes of the Lighthouse'],
  ['lighthouse.requests', 'requests to the Lighthouse'],
  ['machine.cpuMsPerDelivered', 'per delivered message'],
  ['errors.uncaught', 'uncaught']
])

/** Within its criterion: "chat" of delivery, "profile p95" of latency. */
function shortName(metric: string): string {
  const kind = /^(?:delivery|latencyOwed)\.(.+)$/.exec(metric)?.[1]
  return SHORT_NAMES.get(metric) ?? kind?.replace('.', ' ') ?? metric
}

const UNKNOWN_HERE = 'unknown in these runs'
const NEVER = 'not reached in these runs'

/** Whole criteria, criteria of which a part is lacking, and mesh sizes, each with its reason. */
function notJudged({ engine, criteria, simulated }: Gate): string[] {
  const lacks = ({ components }: CriterionResult, value: 'never' | null) =>
    components.some(
      ({ verdict, baseline, candidate }) =>
        verdict === 'not judged' && baseline === value && candidate === value
    )
  const whyWhole = (criterion: CriterionResult) => {
    if (engine === 'simulation' && ['latency', 'cpu'].includes(criterion.name)) return 'virtual time'
    return lacks(criterion, 'never') ? NEVER : UNKNOWN_HERE
  }
  const isWhole = ({ verdict }: CriterionResult) => verdict === 'not judged'
  const parts = criteria.filter((each) => !isWhole(each))
  const partsThatLack = (value: 'never' | null, why: string) =>
    parts.filter((each) => lacks(each, value)).map(({ name }) => ({ what: `part of ${shown(name)}`, why }))
  const told = [
    ...criteria.filter(isWhole).map((each) => ({ what: shown(each.name), why: whyWhole(each) })),
    ...partsThatLack(null, UNKNOWN_HERE),
    ...partsThatLack('never', NEVER),
    ...simulated.flatMap(({ peers, refused: why }) => (why === null ? [] : { what: `${peers} peers`, why }))
  ]
  const families = [...groupBy(told, ({ why }) => why)].map(
    ([why, own]) => `${own.map(({ what }) => what).join(', ')} (${why})`
  )
  return families.length > 0 ? [`not judged: ${families.join(', ')}`] : []
}

/** "better in traffic, −6.4%". */
function better({ criteria }: Gate): string[] {
  const changes = criteria.flatMap(({ name, components }) => {
    const best = components.find(({ isBetter }) => isBetter)
    if (!best) return []
    return [best.estimate === null ? shown(name) : `${shown(name)}, ${sizeOf(best)}`]
  })
  return changes.length > 0 ? [`better in ${list(changes)}`] : []
}
