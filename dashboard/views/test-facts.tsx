import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import { Chip } from '../pictures/parts'

export function StateChip({ state }: { state: TestState['state'] }) {
  return <Chip tone={`state-${state}`}>{state}</Chip>
}

export function ValidityChip({ summary }: { summary: Summary }) {
  if (summary.verdict === 'void') return <Chip tone="bad">void</Chip>
  const missed = summary.thresholds.filter(({ passed }) => !passed).length
  if (missed > 0) return <Chip tone="warn">{`${missed} missed`}</Chip>
  return <Chip tone="good">valid</Chip>
}

export function Labels({ labels }: Pick<TestState, 'labels'>) {
  return (
    <>
      {Object.entries(labels).map(([name, value]) => (
        <Chip key={name}>{`${name}: ${value}`}</Chip>
      ))}
    </>
  )
}

/** Latency and CPU mean nothing in virtual time: a reader must know this first. */
export function SimulatedChip() {
  return <Chip tone="warn">simulated</Chip>
}
