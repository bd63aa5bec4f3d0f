/** Suggests the command to run next when a comparison is undecided. */
import type { Comparison } from './comparison'

/**
 * Null if the gate is decided, if the runs do not come from a comparison, or if their setting is not known in
 * full: the network of simulated runs, the shares of a mixture of routines.
 */
export function nextStep({
  gate,
  baseline,
  candidate,
  setting,
  blocks,
  plannedBlocks,
  arrangement
}: Comparison): string | null {
  if (gate.verdict !== 'undecided' || blocks === null || plannedBlocks === null) return null
  const { engine, routines, runners } = baseline.provenance
  if (engine === 'simulation' || routines.length > 1) return null
  return [
    'npm run compare --',
    `--baseline ${quoted(baseline.name)} --candidate ${quoted(candidate.name)}`,
    `--peers ${setting.peers} --duration ${setting.seconds} --warmup ${setting.warmup}`,
    ...(setting.routine === 'stand' ? [] : [`--routine ${setting.routine}`]),
    ...[...new Set(runners.flatMap(({ network }) => network ?? []))].map(
      (text) => `--network ${quoted(text)}`
    ),
    `--max-blocks ${Math.max(24, Math.ceil((1.5 * plannedBlocks) / 2) * 2)}`,
    ...(arrangement.kind === 'side by side' ? ['--design one-after-the-other'] : [])
  ].join(' ')
}

/** Quotes text for a shell. */
function quoted(text: string): string {
  return /^[\w@./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
