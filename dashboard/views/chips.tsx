/** Small labels: their words carry the meaning, their colours only repeat it. */
import type { ComponentChildren } from 'preact'
import type { GateVerdict } from '../../analysis/gate/result'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'

export function Chip({ tone, children }: { tone?: string; children: ComponentChildren }) {
  return <span class={`chip ${tone ?? ''}`}>{children}</span>
}

export function StateChip({ state }: { state: TestState['state'] }) {
  return <Chip tone={`state-${state}`}>{state}</Chip>
}

export function ValidityChip({ summary }: { summary: Summary }) {
  if (summary.verdict === 'void') return <Chip tone="bad">void</Chip>
  const missed = summary.thresholds.filter(({ passed }) => !passed).length
  if (missed > 0) return <Chip tone="warn">{`${missed} missed`}</Chip>
  return <Chip tone="good">valid</Chip>
}

/** Latency and CPU mean nothing in virtual time: a reader must know this first. */
export function SimulatedChip() {
  return <Chip tone="warn">simulated</Chip>
}

export function GateChip({ verdict }: { verdict: GateVerdict }) {
  const tones: Partial<Record<GateVerdict, string>> = { pass: 'good', worse: 'bad' }
  return <Chip tone={tones[verdict] ?? ''}>{verdict}</Chip>
}
