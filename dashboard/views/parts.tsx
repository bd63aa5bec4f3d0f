/** What pages share: controls, what they show while something loads or if it failed, facts of a test. */
import type { ComponentChildren, JSX } from 'preact'
import type { Summary } from '../../protocol/summary'
import type { TestEntry, TestState } from '../../protocol/test-life'
import { dateTime } from '../charts/format'
import { Chip } from '../pictures/parts'
import { testHref } from '../router'

export function Quiet(props: JSX.IntrinsicElements['button']) {
  return <button type="button" class="quiet" {...props} />
}

interface LoadingProps {
  isDone: boolean
  trouble: string | undefined
  onRetry?: () => void
  /** What else to do about it. */
  children?: ComponentChildren
}

/** Stands in for what the server has not sent yet; of trouble, it offers to try again. */
export function Loading({ isDone, trouble, onRetry, children }: LoadingProps) {
  if (trouble === undefined) return isDone ? null : <p class="empty">Loading…</p>
  return (
    <p class="banner" role="alert">
      {trouble} {onRetry && <Quiet onClick={onRetry}>Try again</Quiet>} {children}
    </p>
  )
}

/** Why a form or button failed. If undefined, nothing is shown. */
export function ErrorText({ text }: { text: string | undefined }) {
  if (text === undefined) return null
  return (
    <p class="error" role="alert">
      {text}
    </p>
  )
}

interface SelectProps<Value extends string> {
  label: string
  value: Value
  /** '' stands for none. */
  options: readonly Value[]
  onChange: (value: Value) => void
}

export function Select<Value extends string>({ label, value, options, onChange }: SelectProps<Value>) {
  return (
    <label class="inline">
      {label}{' '}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {option || 'none'}
          </option>
        ))}
      </select>
    </label>
  )
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
