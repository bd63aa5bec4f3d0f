/** What lists and pages say of a test in a few words. */
import type { Summary } from '../../protocol/summary'
import type { TestEntry, TestState } from '../../protocol/test-life'
import { dateTime } from '../charts/format'
import { Chip } from '../pictures/parts'
import { testHref } from '../router'

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

export function TestName({ test: { id, engine, createdAt, labels } }: { test: TestEntry }) {
  return (
    <>
      <a href={testHref(id)}>{id}</a>
      <span class="hint">
        {engine === 'simulation' && <SimulatedChip />}
        <time dateTime={new Date(createdAt).toISOString()}>{dateTime(createdAt)}</time>
        <Labels labels={labels} />
      </span>
    </>
  )
}
